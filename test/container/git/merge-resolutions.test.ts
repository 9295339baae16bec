import { execFile } from "node:child_process";
import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "vitest";
import { type ConflictDesk, type Sides, openConflict } from "./merge-desk.ts";

const sides: Sides = {
  start: { "README.md": "hello\n", "lock.txt": "1\n" },
  branch: { "README.md": "hello branch\n" },
  base: { "README.md": "hello base\n", "lock.txt": "2\n" },
};

const body = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join("");
const twoNames: Sides = {
  start: { "old.txt": body },
  branch: { "old.txt": null, "mine.txt": body },
  base: { "old.txt": null, "theirs.txt": body },
};

/** Right resolutions that look like wrong ones. */
const resolutions: ReadonlyArray<{
  readonly name: string;
  readonly sides: Sides;
  readonly resolve: (desk: ConflictDesk) => Promise<unknown>;
  readonly withoutBase?: readonly string[];
}> = [
  {
    name: "takes back the one other file the base had changed",
    sides,
    resolve: async ({ edit }) => {
      await edit("README.md", "hello both\n");
      await edit("lock.txt", "1\n");
    },
    withoutBase: ["lock.txt"],
  },
  {
    name: "keeps one of the two names that the sides gave a file",
    sides: twoNames,
    resolve: async ({ agent }) => {
      await agent("rm", "-q", "-f", "theirs.txt");
      await agent("add", "mine.txt");
    },
  },
  {
    name: "adds a heading that is underlined with as many characters as a marker has",
    sides,
    resolve: ({ edit }) => edit("README.md", "Install\n=======\nhello both\n"),
  },
];

for (const { name, sides: given, resolve, withoutBase = [] } of resolutions) {
  test(`a resolution that ${name} counts`, async ({ expect }) => {
    const desk = await openConflict(given);
    await resolve(desk);
    expect(await desk.judge()).toMatchObject({ kind: "resolved", withoutBase });
  });
}

test("two names that the sides gave a file are a conflict as long as nobody decides", async ({ expect }) => {
  const desk = await openConflict(twoNames);
  const verdict = await desk.judge();
  expect(verdict).toMatchObject({ kind: "unresolved", paths: ["mine.txt", "theirs.txt"] });
});

test("a marker that stands under a line of its length is one, unless that line stands alone", async ({
  expect,
}) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", "hello\nInstall\n=======\nhello both\n");
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["README.md"] });
});

test("a file that differs from its own commit by line ends alone is no part of a merge", async ({
  expect,
}) => {
  const desk = await openConflict({
    ...sides,
    start: { ...sides.start, "dos.txt": "a\r\nb\r\n", ".gitattributes": "*.txt text\n" },
  });
  await desk.edit("README.md", "hello both\n");
  await utimes(join(desk.worktree, "dos.txt"), 1, 1);
  const verdict = await desk.judge();
  const changed = await desk.inVerdict(verdict, "diff", "--name-only", "COMMIT^1", "COMMIT");
  expect(changed.split("\n")).toEqual(["README.md", "lock.txt"]);
});

test("an edit that git cannot take is named, and the merge counts", async ({ expect }) => {
  const desk = await openConflict({ ...sides, start: { ...sides.start, "a.txt": "a\n" } });
  const turnIntoPipe = async (): Promise<void> => {
    await rm(join(desk.worktree, "a.txt"));
    await promisify(execFile)("mkfifo", [join(desk.worktree, "a.txt")]);
  };
  await desk.edit("README.md", "hello both\n");
  await turnIntoPipe();
  const refused = [expect.stringContaining("a.txt: unsupported file type")];
  const verdict = await desk.judge();
  expect(verdict).toMatchObject({ kind: "resolved", refused });
  expect(await desk.show(verdict, "README.md")).toBe("hello both");
  await rm(join(desk.worktree, "a.txt"));
  await desk.agent("checkout", "-q", "--", "a.txt");
  await desk.agent("commit", "-q", "-a", "-m", "My merge");
  await turnIntoPipe();
  const own = await desk.agent("rev-parse", "HEAD");
  expect(await desk.judge()).toMatchObject({ kind: "resolved", commit: own, refused });
});
