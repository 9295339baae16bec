import { chmod, cp, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { saveEdits } from "../../../container/git/save-edits.ts";
import { findWork } from "../../../container/git/work.ts";
import { runGit, writeFiles } from "../git-host.ts";
import { type Desk, find, identity, openDesk, pushCommit, value } from "./desk.ts";

const save = (desk: Desk, head: string) =>
  saveEdits(desk.outbox, { head, message: "Agent changes", identity, ours: [".cat-context/"] });

async function changesOf(desk: Desk, commit: string | null): Promise<readonly string[]> {
  const args = ["diff-tree", "-r", "--name-status", "--no-commit-id", commit ?? ""];
  const end = await desk.outbox.git.try(args, { cwd: desk.outbox.folder, timeoutMs: 10_000 });
  return end.stdout
    .trim()
    .split("\n")
    .map((line) => line.replace("\t", " "))
    .toSorted();
}

test("a checkout without commits holds no work", async ({ expect }) => {
  expect(await find(await openDesk())).toMatchObject({ kind: "none" });
});

test("work on a branch of the agent's own is the job's work", async ({ expect }) => {
  const desk = await openDesk();
  await desk.agent("checkout", "-q", "-b", "my-own-idea");
  const commit = await desk.commit("work.txt");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, aside: null });
});

test("work on a detached head is the job's work", async ({ expect }) => {
  const desk = await openDesk();
  await desk.agent("checkout", "-q", "--detach");
  const commit = await desk.commit("work.txt");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit });
});

test("work stays found when the agent goes back to where it began", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  await desk.agent("checkout", "-q", "--detach", desk.start);
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, aside: null });
});

test("of two lines of work the assigned branch is pushed and the other one named", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  await desk.agent("checkout", "-q", "-b", "other", desk.start);
  const aside = await desk.commit("other.txt");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, aside });
});

test("a base that the checkout never had does not hide work", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  const found = await findWork(desk.outbox, {
    branch: "cat/1",
    baseCommit: "1".repeat(40),
    startCommit: desk.start,
  });
  expect(found).toMatchObject({ ok: true, value: { kind: "commit", commit } });
});

/** Ways to make git read another repository than the one that was cloned. */
const replacements: Readonly<Record<string, (worktree: string) => Promise<void>>> = {
  "whose .git is a link": async (worktree) => {
    await rename(join(worktree, ".git"), join(worktree, "..", "moved"));
    await symlink(join(worktree, "..", "moved"), join(worktree, ".git"));
  },
  "whose .git points elsewhere": async (worktree) => {
    await rename(join(worktree, ".git"), join(worktree, "..", "moved"));
    await writeFile(join(worktree, ".git"), "gitdir: ../moved\n");
  },
  "that is a link itself": async (worktree) => {
    await rename(worktree, join(worktree, "..", "moved"));
    await symlink(join(worktree, "..", "moved"), worktree);
  },
  "with a commondir": async (worktree) => {
    await cp(join(worktree, ".git"), join(worktree, "..", "other"), { recursive: true });
    await writeFile(join(worktree, ".git", "commondir"), "../../other\n");
  },
};

for (const [name, replace] of Object.entries(replacements)) {
  test(`a checkout ${name} is not read`, async ({ expect }) => {
    const desk = await openDesk();
    await desk.commit("work.txt");
    await replace(desk.outbox.worktree);
    const found = await findWork(desk.outbox, {
      branch: "cat/1",
      baseCommit: desk.start,
      startCommit: desk.start,
    });
    expect(found).toMatchObject({ ok: false, failure: { cause: "git" } });
    expect(found).toHaveProperty("failure.text", expect.stringContaining("has been replaced"));
  });
}

test("edits of tracked files are committed, untracked files are not", async ({ expect }) => {
  const desk = await openDesk({
    "a.txt": "a\n",
    "gone.txt": "gone\n",
    "run.sh": "echo\n",
    "dir/b.txt": "b\n",
  });
  const at = (name: string): string => join(desk.outbox.worktree, name);
  await writeFile(at("a.txt"), "edited\n");
  await rm(at("gone.txt"));
  await chmod(at("run.sh"), 0o755);
  await writeFile(at("new.txt"), "new\n");
  await find(desk);
  const { commit, untracked } = value(await save(desk, desk.start));
  expect(await changesOf(desk, commit)).toEqual(["D gone.txt", "M a.txt", "M run.sh"]);
  expect(untracked).toEqual({ count: 1, first: ["new.txt"] });
});

test("what the agent staged is committed with the edits: new, removed and renamed files", async ({
  expect,
}) => {
  const desk = await openDesk({ "a.txt": "a\n", "kept.txt": "kept\n", "old.txt": "old\n" });
  await writeFile(join(desk.outbox.worktree, "new.txt"), "new\n");
  await desk.agent("add", "new.txt");
  await desk.agent("rm", "-q", "--cached", "kept.txt");
  await desk.agent("mv", "old.txt", "moved.txt");
  await find(desk);
  const { commit } = value(await save(desk, desk.start));
  expect(await changesOf(desk, commit)).toEqual(["A moved.txt", "A new.txt", "D kept.txt", "D old.txt"]);
});

test("a folder that became a link is a deletion of its files, and the link is not followed", async ({
  expect,
}) => {
  const desk = await openDesk({ "dir/b.txt": "b\n", "a.txt": "a\n" });
  await rm(join(desk.outbox.worktree, "dir"), { recursive: true });
  await mkdir(join(desk.outbox.worktree, "..", "outside"));
  await writeFile(join(desk.outbox.worktree, "..", "outside", "b.txt"), "stolen\n");
  await symlink("../outside", join(desk.outbox.worktree, "dir"));
  await find(desk);
  expect(await changesOf(desk, value(await save(desk, desk.start)).commit)).toEqual(["D dir/b.txt"]);
});

test("nothing to save gives no commit, also where times of files changed", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n" });
  await writeFile(join(desk.outbox.worktree, "a.txt"), "a\n");
  await find(desk);
  expect(value(await save(desk, desk.start)).commit).toBeNull();
});

test("edits are saved also where the agent's index is broken or locked", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n", "b.txt": "b\n" });
  await writeFile(join(desk.outbox.worktree, "a.txt"), "edited\n");
  await writeFile(join(desk.outbox.worktree, ".git", "index"), "garbage");
  await writeFile(join(desk.outbox.worktree, ".git", "index.lock"), "");
  await find(desk);
  expect(await changesOf(desk, value(await save(desk, desk.start)).commit)).toEqual(["M a.txt"]);
});

test("an index beyond all measure is left alone, and edits are saved without it", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n" });
  await writeFile(join(desk.outbox.worktree, "a.txt"), "edited\n");
  await truncate(join(desk.outbox.worktree, ".git", "index"), 300 * 1024 * 1024);
  await find(desk);
  expect(await changesOf(desk, value(await save(desk, desk.start)).commit)).toEqual(["M a.txt"]);
  expect(await readdir(desk.outbox.folder)).not.toContain("index-theirs");
});

test("edits are saved also of files whose names are no text", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n" });
  const name = Buffer.from("caf\u00e9.txt", "latin1");
  const path = Buffer.concat([Buffer.from(`${desk.outbox.worktree}/`), name]);
  await writeFile(path, "a\n");
  await desk.agent("add", "-A");
  await desk.agent("commit", "-q", "-m", "Add");
  await writeFile(path, "edited\n");
  const { tips } = await find(desk);
  const { commit } = value(await save(desk, tips.head ?? ""));
  expect(await changesOf(desk, commit)).toEqual(['M "caf\\351.txt"']);
});

test("our own files in a folder with another alphabet are not committed", async ({ expect }) => {
  const desk = await openDesk({ "\u00fcber/.cat-context/note.md": "theirs\n", "\u00fcber/a.txt": "a\n" });
  await writeFile(join(desk.outbox.worktree, "\u00fcber", ".cat-context", "note.md"), "ours\n");
  await find(desk);
  const request = { head: desk.start, message: "Edits", identity, ours: ["\u00fcber/.cat-context/"] };
  expect(value(await saveEdits(desk.outbox, request)).commit).toBeNull();
});

test("our own files in the checkout are not committed", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n", ".cat-context/note.md": "theirs\n" });
  await writeFile(join(desk.outbox.worktree, ".cat-context", "note.md"), "ours\n");
  await find(desk);
  expect(value(await save(desk, desk.start)).commit).toBeNull();
});

test("files with the marks of a half-done merge are not committed", async ({ expect }) => {
  const desk = await openDesk({ "a.txt": "a\n", "b.txt": "b\n" });
  const one = await desk.commit("a.txt");
  await desk.agent("checkout", "-q", "-b", "other", desk.start);
  await writeFile(join(desk.outbox.worktree, "a.txt"), "different\n");
  await desk.agent("commit", "-q", "-a", "-m", "Conflict");
  await desk.agent("merge", one).catch(() => undefined);
  await writeFile(join(desk.outbox.worktree, "b.txt"), "edited\n");
  const { tips } = await find(desk);
  expect(await changesOf(desk, value(await save(desk, tips.head ?? "")).commit)).toEqual(["M b.txt"]);
});

/** Programs of the agent's that leave a file behind when they run. */
async function plant(desk: Desk): Promise<{ readonly ran: () => Promise<string> }> {
  const trap = join(desk.outbox.worktree, "..", "trap.sh");
  const proof = join(desk.outbox.worktree, "..", "proof");
  await writeFiles(join(trap, ".."), {
    "trap.sh": `#!/bin/sh\necho "$0 $*" >> ${proof}\nenv >> ${proof}\ncat\n`,
    proof: "",
  });
  for (const hook of [
    "pre-commit",
    "pre-push",
    "reference-transaction",
    "post-index-change",
    "pre-auto-gc",
  ]) {
    await mkdir(join(desk.outbox.worktree, ".git", "hooks"), { recursive: true });
    await symlink(trap, join(desk.outbox.worktree, ".git", "hooks", hook));
  }
  for (const [key, setting] of [
    ["filter.evil.clean", trap],
    ["filter.evil.process", trap],
    ["core.fsmonitor", trap],
    ["uploadpack.packObjectsHook", trap],
    ["core.hooksPath", join(desk.outbox.worktree, ".git", "hooks")],
    ["diff.external", trap],
    ["core.alternateRefsCommand", trap],
  ]) {
    await desk.agent("config", key ?? "", setting ?? "");
  }
  await writeFile(join(desk.outbox.worktree, ".gitattributes"), "* filter=evil\n");
  await writeFile(join(desk.outbox.worktree, ".git", "info", "attributes"), "* filter=evil\n").catch(
    () => undefined,
  );
  return { ran: () => runGit(join(trap, ".."), "hash-object", "--no-filters", proof) };
}

test("filters, hooks and settings of the checkout run nothing when work is found, saved and pushed", async ({
  expect,
}) => {
  const desk = await openDesk({ "a.txt": "a\n" });
  const work = await desk.commit("work.txt");
  const planted = await plant(desk);
  await writeFile(join(desk.outbox.worktree, "a.txt"), "edited\n");
  const nothing = await planted.ran();
  await find(desk);
  const saved = value(await save(desk, work)).commit;
  expect((await pushCommit(desk, saved ?? "")).ok).toBe(true);
  expect(await planted.ran()).toBe(nothing);
  expect(await changesOf(desk, saved)).toEqual(["M a.txt"]);
  // the trap does work: git in the checkout itself springs it
  await desk.agent("-c", "filter.evil.process=", "add", "-u").catch(() => undefined);
  expect(await planted.ran()).not.toBe(nothing);
});
