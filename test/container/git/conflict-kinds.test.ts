import { existsSync } from "node:fs";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { writeFiles } from "../git-host.ts";
import { type ConflictDesk, type Sides, openConflict } from "./merge-desk.ts";

/** Both change the greeting; the base has a file of its own besides. */
const sides: Sides = {
  start: { "README.md": "hello\n", "a.txt": "a\n" },
  branch: { "README.md": "hello branch\n" },
  base: { "README.md": "hello base\n", "new.txt": "new\n" },
};

const resolved = "hello branch and base\n";

const deletion: Sides = {
  start: { "README.md": "hello\n", "a.txt": "a\n" },
  branch: { "a.txt": "edited\n" },
  base: { "a.txt": null, "README.md": "hello base\n" },
};

test("a file that one side deleted is resolved by a decision, not by silence", async ({ expect }) => {
  const untouched = await openConflict(deletion);
  expect(await untouched.judge()).toMatchObject({ kind: "unresolved", paths: ["a.txt"] });
  const decisions: ReadonlyArray<(desk: ConflictDesk) => Promise<unknown>> = [
    ({ agent }) => agent("rm", "-q", "a.txt"),
    ({ agent }) => agent("add", "a.txt"),
    ({ worktree }) => rm(join(worktree, "a.txt")),
    ({ edit }) => edit("a.txt", "edited again\n"),
  ];
  for (const decide of decisions) {
    const desk = await openConflict(deletion);
    await decide(desk);
    const verdict = await desk.judge();
    expect(verdict).toMatchObject({ kind: "resolved", withoutBase: [] });
    const isThere = existsSync(join(desk.worktree, "a.txt"));
    const shown = await desk.show(verdict, "a.txt").catch(() => null);
    expect(shown !== null).toBe(isThere);
  }
});

test("a file that is no text is resolved by taking one of the two, not by silence", async ({ expect }) => {
  const binary: Sides = {
    start: { "a.bin": "\0start", "README.md": "hello\n" },
    branch: { "a.bin": "\0branch" },
    base: { "a.bin": "\0base", "README.md": "hello base\n" },
  };
  const desk = await openConflict(binary);
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["a.bin"] });
  await desk.agent("checkout", "--theirs", "a.bin");
  expect(await desk.show(await desk.judge(), "a.bin")).toBe("\0base");
  const own = await openConflict(binary);
  await own.agent("add", "a.bin");
  expect(await own.show(await own.judge(), "a.bin")).toBe("\0branch");
});

test("a link with a conflict is resolved by another link, and not followed", async ({ expect }) => {
  const desk = await openConflict({
    start: sides.start,
    branch: { link: { link: "branch" } },
    base: { link: { link: "base" }, "new.txt": "new\n" },
  });
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["link"] });
  await rm(join(desk.worktree, "link"));
  await symlink("/etc/hostname", join(desk.worktree, "link"));
  expect(await desk.show(await desk.judge(), "link")).toBe("/etc/hostname");
});

test("a folder that became a link hides no file behind it", async ({ expect }) => {
  const desk = await openConflict({
    start: { "dir/a.txt": "a\n", "README.md": "hello\n" },
    branch: { "dir/a.txt": "branch\n" },
    base: { "dir/a.txt": "base\n", "README.md": "hello base\n" },
  });
  await writeFiles(desk.folder, { "outside/a.txt": "stolen\n" });
  await rm(join(desk.worktree, "dir"), { recursive: true });
  await symlink("../outside", join(desk.worktree, "dir"));
  const verdict = await desk.judge();
  await expect(desk.show(verdict, "dir/a.txt")).rejects.toThrow("dir/a.txt");
});

/** A commit of another repository. */
const pin = (digit: string): { readonly submodule: string } => ({ submodule: digit.repeat(40) });

test("a submodule that the base moved is moved by the merge", async ({ expect }) => {
  const desk = await openConflict({ ...sides, base: { ...sides.base, sub: pin("2") } });
  await desk.edit("README.md", resolved);
  const verdict = await desk.judge();
  const listed = await desk.inVerdict(verdict, "ls-tree", "COMMIT", "sub");
  expect(listed).toBe(`160000 commit ${"2".repeat(40)}\tsub`);
});

test("a submodule that both sides moved is resolved by the commit that is staged", async ({ expect }) => {
  const desk = await openConflict({
    ...sides,
    branch: { ...sides.branch, sub: pin("1") },
    base: { ...sides.base, sub: pin("2") },
  });
  await desk.edit("README.md", resolved);
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["sub"] });
  await desk.agent("update-index", "--cacheinfo", `160000,${"2".repeat(40)},sub`);
  expect((await desk.judge()).kind).toBe("resolved");
});

test("a file that one side renamed and both changed is resolved where it is now", async ({ expect }) => {
  const body = "line\n".repeat(30);
  const desk = await openConflict({
    start: { "old.txt": `${body}end\n`, "README.md": "hello\n" },
    branch: { "old.txt": `${body}branch\n` },
    base: { "old.txt": null, "moved.txt": `${body}base\n` },
  });
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["moved.txt"] });
  await desk.edit("moved.txt", `${body}both\n`);
  const verdict = await desk.judge();
  expect(await desk.show(verdict, "moved.txt")).toBe(`${body}both`);
  await expect(desk.show(verdict, "old.txt")).rejects.toThrow("old.txt");
});

test("a file whose name is no text is resolved like any other", async ({ expect }) => {
  const name = '"caf\\351.txt"';
  const desk = await openConflict({
    start: sides.start,
    branch: { [name]: "branch\n" },
    base: { [name]: "base\n", "new.txt": "new\n" },
  });
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["caf\ufffd.txt"] });
  await writeFile(Buffer.from(`${desk.worktree}/caf\u00e9.txt`, "latin1"), "both\n");
  expect((await desk.judge()).kind).toBe("resolved");
});
