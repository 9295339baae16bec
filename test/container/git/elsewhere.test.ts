import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { test } from "vitest";
import { type Desk, find, openDesk } from "./desk.ts";

/** Commits on a branch of the agent's own that begins where the job began, and goes back to the job's. */
async function commitElsewhere(desk: Desk, branch: string): Promise<string> {
  await desk.agent("checkout", "-q", "-b", branch, desk.start);
  const commit = await desk.commit(`${branch}.txt`);
  await desk.agent("checkout", "-q", "cat/1");
  return commit;
}

test("work on a branch that is no longer checked out is the job's work", async ({ expect }) => {
  const desk = await openDesk();
  await commitElsewhere(desk, "feature");
  await desk.agent("checkout", "-q", "-b", "more", "feature");
  const commit = await desk.commit("more.txt");
  await desk.agent("checkout", "-q", "cat/1");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, leftBehind: [] });
});

test("work in another worktree of the checkout is the job's work", async ({ expect }) => {
  const desk = await openDesk();
  const worktree = join(desk.outbox.worktree, "..", "beside");
  await desk.agent("worktree", "add", "-q", "-b", "feature", worktree);
  await desk.agent("-C", worktree, "commit", "-q", "--allow-empty", "-m", "Work");
  const commit = await desk.agent("rev-parse", "feature");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit });
});

test("of several lines of work none is taken, and each is named, as is a stash", async ({ expect }) => {
  const desk = await openDesk();
  const commits = [await commitElsewhere(desk, "one"), await commitElsewhere(desk, "two")];
  await writeFile(join(desk.outbox.worktree, "README.md"), "edited\n");
  await desk.agent("stash", "-q");
  const stash = await desk.agent("rev-parse", "stash");
  const found = await find(desk);
  expect(found.kind).toBe("none");
  expect(found.leftBehind.toSorted()).toEqual([...commits, stash].toSorted());
});

test("branches that only have what a remote has are nobody's work", async ({ expect }) => {
  const desk = await openDesk();
  await commitElsewhere(desk, "theirs");
  await desk.agent("update-ref", "refs/remotes/origin/theirs", "theirs");
  expect(await find(desk)).toMatchObject({ kind: "none", leftBehind: [] });
});

test("work on a newer base, fetched without its history, stays as it is", async ({ expect }) => {
  const desk = await openDesk();
  await find(desk);
  await desk.host.commitElsewhere("main", "newer.txt");
  const source = `file://${desk.host.server.repositoryPath("octo", "app")}`;
  await desk.agent("-c", "protocol.file.allow=always", "fetch", "-q", "--depth", "1", source, "main");
  await desk.agent("checkout", "-q", "-B", "cat/1", "FETCH_HEAD");
  const commit = await desk.commit("work.txt");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, isJoined: false });
});
