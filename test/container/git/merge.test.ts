import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { readConflictDiff } from "../../../container/git/merging/conflict-diff.ts";
import { mergeBase } from "../../../container/git/merging/merge.ts";
import { writeFiles } from "../git-host.ts";
import { openConflict, openMergeDesk } from "./merge-desk.ts";
import { value } from "./desk.ts";

const start = { "README.md": "hello\n", "a.txt": "a\n" };
const conflicting = {
  start,
  branch: { "README.md": "hello branch\n" },
  base: { "README.md": "hello base\n", "new.txt": "new\n" },
};

test("a branch that has its base already is left as it is", async ({ expect }) => {
  const desk = await openMergeDesk({ start, branch: {}, base: {} });
  await desk.agent("merge", "-q", "--no-edit", "origin/main");
  const head = await desk.agent("rev-parse", "HEAD");
  expect(value(await mergeBase(desk.git, desk.plan))).toMatchObject({ kind: "up-to-date", branchHead: head });
  expect(await desk.agent("rev-parse", "HEAD")).toBe(head);
});

test("a merge without conflicts is committed by the harness in its own words", async ({ expect }) => {
  const desk = await openMergeDesk({ start, branch: { "a.txt": "b\n" }, base: { "new.txt": "new\n" } });
  const merge = value(await mergeBase(desk.git, desk.plan));
  expect(merge.kind).toBe("merged");
  expect(await desk.agent("log", "-1", "--format=%an|%cn|%s")).toBe(
    "holt[bot]|holt[bot]|Merge main into cat/1",
  );
  expect(await desk.agent("log", "-1", "--format=%P")).toBe(`${merge.branchHead} ${merge.baseHead}`);
});

test("a base that the remote does not have is named", async ({ expect }) => {
  const desk = await openMergeDesk(conflicting);
  expect(await mergeBase(desk.git, { ...desk.plan, base: "nowhere" })).toEqual({
    ok: false,
    failure: { cause: "git", text: "the base branch 'nowhere' is not at the remote" },
  });
});

test("histories that have nothing in common are no conflict but a failure in git's words", async ({
  expect,
}) => {
  const desk = await openMergeDesk(conflicting);
  const tree = await desk.agent("rev-parse", "HEAD^{tree}");
  const other = await desk.agent("commit-tree", tree, "-m", "Other");
  await desk.agent("update-ref", "refs/remotes/origin/main", other);
  const merged = await mergeBase(desk.git, desk.plan);
  expect(merged).toHaveProperty("failure.cause", "git");
  expect(merged).toHaveProperty("failure.text", expect.stringContaining("unrelated histories"));
});

test("hooks, filters and merge drivers that a repository asks for do not run in the merge", async ({
  expect,
}) => {
  const proof = join("..", "proof");
  const trap = `#!/bin/sh\necho ran >> ${proof}\n`;
  const desk = await openMergeDesk({
    start: { ...start, "trap.sh": trap, ".gitattributes": "* merge=evil filter=evil diff=evil\n" },
    branch: { "README.md": "hello branch\n" },
    base: { "README.md": "hello base\n", ".gitconfig": `[merge "evil"]\n\tdriver = ./trap.sh\n` },
  });
  await mkdir(join(desk.worktree, ".git", "hooks"), { recursive: true });
  for (const hook of ["pre-merge-commit", "post-merge", "prepare-commit-msg", "post-checkout"]) {
    await writeFiles(desk.worktree, { [`.git/hooks/${hook}`]: trap });
    await chmod(join(desk.worktree, ".git", "hooks", hook), 0o755);
  }
  const merge = value(await mergeBase(desk.git, desk.plan));
  expect(merge.kind).toBe("conflicts");
  await readConflictDiff(desk.git, { folder: desk.worktree, maxChars: 24_000, signal: desk.plan.signal });
  expect(existsSync(join(desk.worktree, proof))).toBe(false);
});

test("the diff has the files with conflicts and no other", async ({ expect }) => {
  const desk = await openConflict(conflicting);
  const { text, isCut } = value(
    await readConflictDiff(desk.git, {
      folder: desk.worktree,
      maxChars: 24_000,
      signal: desk.plan.signal,
    }),
  );
  expect(isCut).toBe(false);
  expect(text).toMatch(/^diff --cc README\.md\n/);
  expect(text).toContain("++<<<<<<< HEAD\n +hello branch\n++=======\n+ hello base\n");
  expect(text).not.toContain("new.txt");
});

test("a long diff is cut behind a whole line", async ({ expect }) => {
  const lines = (word: string): string => `${word}\n`.repeat(20_000);
  const desk = await openConflict({
    start: { "a.txt": "a\n" },
    branch: { "a.txt": lines("b") },
    base: { "a.txt": lines("c") },
  });
  const cut = value(
    await readConflictDiff(desk.git, { folder: desk.worktree, maxChars: 1_001, signal: desk.plan.signal }),
  );
  expect(cut.isCut).toBe(true);
  expect(cut.text.length).toBeLessThanOrEqual(1_001);
  expect(cut.text).toMatch(/\n \+b\n$/);
});
