import { existsSync } from "node:fs";
import { chmod, mkdir, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { runGit } from "../git-host.ts";
import type { Verdict } from "../../../container/git/merging/merge-verdict.ts";
import { type ConflictDesk, type Sides, openConflict } from "./merge-desk.ts";

/** Both change the greeting; the base has a file of its own besides. */
const sides: Sides = {
  start: { "README.md": "hello\n", "a.txt": "a\n" },
  branch: { "README.md": "hello branch\n" },
  base: { "README.md": "hello base\n", "new.txt": "new\n" },
};

const resolved = "hello branch and base\n";
const unresolved = { kind: "unresolved", paths: ["README.md"] };

const parentsOf = async (desk: ConflictDesk, verdict: Verdict): Promise<readonly string[]> =>
  (await desk.inVerdict(verdict, "log", "-1", "--format=%P", "COMMIT")).split(" ");

test("a file that was edited and not staged is resolved, and the harness completes the merge", async ({
  expect,
}) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  const verdict = await desk.judge();
  expect(await desk.show(verdict, "README.md")).toBe(resolved.trim());
  expect(await desk.show(verdict, "new.txt")).toBe("new");
  const { branchHead, baseHead } = desk.merge;
  expect(await parentsOf(desk, verdict)).toEqual([branchHead, baseHead]);
  const shown = await desk.inVerdict(verdict, "log", "-1", "--format=%an|%cn|%s", "COMMIT");
  expect(shown).toBe("holt[bot]|holt[bot]|Merge main into cat/1");
});

test("a file with its markers inside, staged, is not resolved", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.edit("a.txt", "edited elsewhere\n");
  await desk.agent("add", "-A");
  expect(await desk.judge()).toMatchObject(unresolved);
});

test("a file with its markers inside, left unstaged, is not resolved", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.edit("a.txt", "edited elsewhere\n");
  expect(await desk.judge()).toMatchObject(unresolved);
});

test("a single line of the markers is a conflict still", async ({ expect }) => {
  const desk = await openConflict(sides);
  for (const line of ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| 1234567"]) {
    await desk.edit("README.md", `hello branch\n${line}\nhello base\n`);
    expect(await desk.judge()).toMatchObject(unresolved);
  }
});

test("markers that the agent committed are found", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.agent("commit", "-q", "-a", "-m", "Merge");
  expect(await desk.judge()).toMatchObject(unresolved);
});

test("markers in a file that the agent moved are found", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.agent("add", "README.md");
  await desk.agent("mv", "README.md", "MOVED.md");
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["MOVED.md"] });
});

test("lines that look like markers and were there before are no conflict", async ({ expect }) => {
  const heading = "Title\n=======\n";
  const lesson = "Git writes:\n<<<<<<< HEAD\nmine\n=======\nyours\n>>>>>>> other\n";
  const desk = await openConflict({
    start: { "README.md": `${heading}hello\n` },
    branch: { "README.md": `${heading}hello branch\nMine\n=======\n` },
    base: { "README.md": `${heading}hello base\n${lesson}` },
  });
  await desk.edit("README.md", `${heading}hello both\nMine\n=======\n${lesson}`);
  expect((await desk.judge()).kind).toBe("resolved");
  await desk.edit("README.md", `${heading}hello both\nMine\n=======\n=======\n${lesson}`);
  expect(await desk.judge()).toMatchObject(unresolved);
});

test("markers count as long as the repository wants them", async ({ expect }) => {
  const desk = await openConflict({
    ...sides,
    start: { ...sides.start, ".gitattributes": "*.md conflict-marker-size=12\n" },
  });
  expect(await desk.judge()).toMatchObject(unresolved);
  await desk.edit("README.md", `hello\n${"=".repeat(12)}\n`);
  expect(await desk.judge()).toMatchObject(unresolved);
  await desk.edit("README.md", "hello\n=======\n<<<<<<< not a marker here\n");
  expect((await desk.judge()).kind).toBe("resolved");
});

test("markers are found in a file with line ends of another system", async ({ expect }) => {
  const desk = await openConflict({
    start: { "a.txt": "one\r\n" },
    branch: { "a.txt": "two\r\n" },
    base: { "a.txt": "three\r\n" },
  });
  await desk.edit("a.txt", "two\r\n=======\r\nthree\r\n");
  expect(await desk.judge()).toMatchObject({ kind: "unresolved", paths: ["a.txt"] });
  await desk.edit("a.txt", "two\r\nthree\r\n");
  expect((await desk.judge()).kind).toBe("resolved");
});

/** What an agent may do to the merge so that nothing of it is left to complete. */
const retreats: Readonly<Record<string, (desk: ConflictDesk) => Promise<unknown>>> = {
  "resets the checkout": ({ agent }) => agent("reset", "-q", "--hard"),
  "checks the base out": ({ agent }) => agent("checkout", "-q", "-f", "-B", "main", "origin/main"),
  "begins a branch elsewhere": ({ agent }) => agent("checkout", "-q", "-f", "-b", "fix", "origin/main~1"),
  "aborts the merge and edits by hand": async ({ agent, edit }) => {
    await agent("merge", "--abort");
    await edit("README.md", resolved);
    await agent("commit", "-q", "-a", "-m", "Resolve");
  },
  "commits without the base": async ({ agent, edit, worktree }) => {
    await edit("README.md", resolved);
    await unlink(join(worktree, ".git", "MERGE_HEAD"));
    await agent("add", "-A");
    await agent("commit", "-q", "-m", "Resolve");
  },
  "rebases the branch instead": async ({ agent, edit }) => {
    await agent("merge", "--abort");
    await agent("rebase", "-q", "origin/main").catch(() => undefined);
    await edit("README.md", resolved);
    await agent("add", "-A");
    await agent("-c", "core.editor=true", "rebase", "--continue");
  },
};

const givenUp = {
  ...unresolved,
  why: "The agent gave up the merge: the checkout is not in the middle of it any more, and no commit completes it.",
};

test("an agent that aborts the merge has resolved nothing", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.agent("merge", "--abort");
  expect(await desk.judge()).toMatchObject(givenUp);
});

for (const [name, retreat] of Object.entries(retreats)) {
  test(`an agent that ${name} has resolved nothing`, async ({ expect }) => {
    const desk = await openConflict(sides);
    await retreat(desk);
    expect(await desk.judge()).toMatchObject(givenUp);
  });
}

for (const [name, drop] of Object.entries({
  "takes back everything in the middle of the merge": (desk: ConflictDesk) =>
    desk.agent("checkout", "HEAD", "--", "."),
  "commits a merge that ignores the base": async (desk: ConflictDesk) => {
    await desk.agent("merge", "--abort");
    await desk.agent("merge", "-q", "-s", "ours", "-m", "Merge", "origin/main");
  },
})) {
  test(`an agent that ${name} has resolved nothing`, async ({ expect }) => {
    const desk = await openConflict({ ...sides, base: { ...sides.base, "a.txt": "base\n" } });
    await drop(desk);
    if (existsSync(join(desk.worktree, "new.txt"))) await desk.agent("rm", "-q", "-f", "new.txt");
    const verdict = await desk.judge();
    expect(verdict).toMatchObject(unresolved);
    expect(verdict).toHaveProperty("why", expect.stringContaining("Nothing is left"));
  });
}

test("a file of the base that the agent took back is named, and the merge counts", async ({ expect }) => {
  const desk = await openConflict({ ...sides, base: { ...sides.base, "a.txt": "base\n" } });
  await desk.edit("README.md", resolved);
  await desk.edit("a.txt", "a\n");
  expect(await desk.judge()).toMatchObject({ kind: "resolved", withoutBase: ["a.txt"] });
});

test("the agent's own merge commit is what is pushed, with the edits on top of it", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  await desk.agent("commit", "-q", "-a", "-m", "My merge");
  const own = await desk.agent("rev-parse", "HEAD");
  expect(await desk.judge()).toMatchObject({ kind: "resolved", commit: own });
  await desk.edit("a.txt", "edited later\n");
  const verdict = await desk.judge();
  expect(await desk.show(verdict, "a.txt")).toBe("edited later");
  expect(await parentsOf(desk, verdict)).toEqual([own]);
});

test("the agent's own merge commit counts where the file system lets nobody read the edits on top of it", async ({
  expect,
}) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  await desk.agent("commit", "-q", "-a", "-m", "My merge");
  const commit = await desk.agent("rev-parse", "HEAD");
  await desk.edit("a.txt", "edited later\n");
  // a file in the place of a folder that is needed to read edits
  await writeFile(join(desk.outbox.folder, "fresh"), "");
  const refused = [expect.stringContaining("EEXIST")];
  expect(await desk.judge()).toMatchObject({ kind: "resolved", commit, refused });
});

test("a merge that the agent made anew on a branch of its own counts", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.agent("merge", "--abort");
  await desk.agent("checkout", "-q", "-b", "resolve");
  await desk.agent("merge", "-q", "-X", "theirs", "-m", "Merge", "origin/main");
  const own = await desk.agent("rev-parse", "HEAD");
  expect(await desk.judge()).toMatchObject({ kind: "resolved", commit: own });
});

test("a merge on the branch counts where the agent went elsewhere afterwards", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  await desk.agent("commit", "-q", "-a", "-m", "My merge");
  const own = await desk.agent("rev-parse", "HEAD");
  await desk.agent("checkout", "-q", "--detach", "origin/main");
  expect(await desk.judge()).toMatchObject({ kind: "resolved", commit: own });
});

test("scratch files of the agent stay behind, what it added and edited is in the merge", async ({
  expect,
}) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  await desk.edit("a.txt", "edited\n");
  await desk.edit("scratch.py", "print()\n");
  await desk.edit("test.txt", "a new test\n");
  await desk.agent("add", "test.txt");
  await mkdir(join(desk.worktree, ".cat-context"));
  await desk.edit(".cat-context/ticket.md", "ticket\n");
  await desk.edit(".cat-follow-ups.jsonl", "{}\n");
  await desk.agent("add", "-f", ".cat-follow-ups.jsonl", ".cat-context/ticket.md");
  const verdict = await desk.judge();
  const files = await desk.inVerdict(verdict, "ls-tree", "-r", "--name-only", "COMMIT");
  expect(files.split("\n")).toEqual(["README.md", "a.txt", "new.txt", "test.txt"]);
  expect(verdict).toHaveProperty("untracked", { count: 1, first: ["scratch.py"] });
  expect(await desk.show(verdict, "a.txt")).toBe("edited");
});

test("what the agent deleted of the base's files is deleted", async ({ expect }) => {
  const desk = await openConflict({ ...sides, base: { ...sides.base, "a.txt": "base\n" } });
  await desk.edit("README.md", resolved);
  await rm(join(desk.worktree, "new.txt"));
  const verdict = await desk.judge();
  expect(verdict).toMatchObject({ kind: "resolved", withoutBase: ["new.txt"] });
  await expect(desk.show(verdict, "new.txt")).rejects.toThrow("new.txt");
});

test("an index that is broken or gone loses no file of the merge", async ({ expect }) => {
  for (const damage of ["garbage", null]) {
    const desk = await openConflict(sides);
    await desk.edit("README.md", resolved);
    const index = join(desk.worktree, ".git", "index");
    await (damage === null ? unlink(index) : writeFile(index, damage));
    const verdict = await desk.judge();
    expect(await desk.show(verdict, "README.md")).toBe(resolved.trim());
    expect(await desk.show(verdict, "new.txt")).toBe("new");
  }
});

test("a checkout whose .git was replaced is not read", async ({ expect }) => {
  const desk = await openConflict(sides);
  await desk.edit("README.md", resolved);
  await runGit(desk.folder, "clone", "-q", desk.worktree, join(desk.folder, "other"));
  await rm(join(desk.worktree, ".git"), { recursive: true });
  await symlink("../other/.git", join(desk.worktree, ".git"));
  expect(await desk.tryJudge()).toMatchObject({ ok: false, failure: { cause: "git" } });
});

test("hooks, filters, drivers and settings of the checkout run nothing when the merge is completed", async ({
  expect,
}) => {
  const desk = await openConflict(sides);
  const trap = join(desk.folder, "trap.sh");
  const proof = join(desk.folder, "proof");
  await writeFile(trap, `#!/bin/sh\necho "$0 $*" >> ${proof}\ncat\nexit 1\n`);
  await chmod(trap, 0o755);
  await mkdir(join(desk.worktree, ".git", "hooks"), { recursive: true });
  for (const hook of ["pre-commit", "pre-merge-commit", "commit-msg", "post-merge", "post-index-change"]) {
    await symlink(trap, join(desk.worktree, ".git", "hooks", hook));
  }
  await desk.edit("README.md", resolved);
  await desk.edit(".gitattributes", "* filter=evil merge=evil diff=evil\n");
  await desk.edit(".git/info/attributes", "* filter=evil merge=evil diff=evil\n");
  for (const key of [
    "filter.evil.clean",
    "merge.evil.driver",
    "diff.evil.command",
    "diff.evil.textconv",
    "core.fsmonitor",
  ]) {
    await desk.agent("config", key, trap);
  }
  expect((await desk.judge()).kind).toBe("resolved");
  expect(existsSync(proof)).toBe(false);
  // the trap does work: git in the checkout itself springs it
  await desk.agent("add", "-u").catch(() => undefined);
  expect(existsSync(proof)).toBe(true);
});
