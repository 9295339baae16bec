import { test } from "vitest";
import { loseAnswers } from "../git-host.ts";
import { type Desk, find, openDesk, pushCommit } from "./desk.ts";

test("a commit made in a shallow checkout is pushed from the clean repository", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  expect(await find(desk)).toMatchObject({ kind: "commit", commit, aside: null });
  expect(await pushCommit(desk, commit)).toEqual({ ok: true, value: null });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(commit);
});

test("a commit the job pushed and the agent rewrote is replaced", async ({ expect }) => {
  const desk = await openDesk();
  const first = await desk.commit("work.txt");
  await find(desk);
  await pushCommit(desk, first);
  await desk.agent("commit", "-q", "--amend", "-m", "Better words");
  const second = await desk.agent("rev-parse", "HEAD");
  await find(desk);
  expect(await pushCommit(desk, second, first)).toEqual({ ok: true, value: null });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(second);
});

/** Pushes a commit that the server takes without a word, and has the agent rewrite it. */
async function loseAndRewrite(desk: Desk) {
  const first = await desk.commit("work.txt");
  await find(desk);
  const answer = await loseAnswers(desk.host);
  const lost = await pushCommit(desk, first);
  await answer();
  await desk.agent("commit", "-q", "--amend", "-m", "Better words");
  const second = await desk.agent("rev-parse", "HEAD");
  await find(desk);
  return { first, lost, second };
}

test("a commit that the server took without a word is the job's own, and is replaced", async ({ expect }) => {
  const desk = await openDesk();
  const { first, lost, second } = await loseAndRewrite(desk);
  expect(lost).toMatchObject({ ok: false, failure: { cause: "git" } });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(first);
  expect(await pushCommit(desk, second, null, { tried: [first] })).toEqual({ ok: true, value: null });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(second);
});

test("what somebody else put on a commit that the server took without a word is left alone", async ({
  expect,
}) => {
  const desk = await openDesk();
  const { first, second } = await loseAndRewrite(desk);
  const theirs = await desk.host.commitElsewhere("cat/1", "theirs.txt");
  const pushed = await pushCommit(desk, second, null, { tried: [first] });
  expect(pushed).toMatchObject({ ok: false, failure: { cause: "branch-contended" } });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(theirs);
});

test("commits that were there before the job are not undone by way of one that was taken without a word", async ({
  expect,
}) => {
  const desk = await openDesk();
  const theirs = await desk.commit("theirs.txt");
  await find(desk);
  await pushCommit(desk, theirs);
  const { first } = await loseAndRewrite(desk);
  await desk.agent("reset", "-q", "--hard", desk.start);
  const rewritten = await desk.commit("rewritten.txt");
  await find(desk);
  const pushed = await pushCommit(desk, rewritten, null, { startedAt: theirs, tried: [first] });
  expect(pushed).toHaveProperty("failure.text", expect.stringContaining("does not go on from what"));
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(first);
});

/** Which failure a push gave, and whether the branch is where somebody else put it. */
async function contend(desk: Desk, commit: string, lastPushed: string | null) {
  const theirs = await desk.host.server.branch("octo", "app", "cat/1");
  const pushed = await pushCommit(desk, commit, lastPushed);
  const found = await desk.host.server.branch("octo", "app", "cat/1");
  return { cause: pushed.ok ? null : pushed.failure.cause, isUntouched: found === theirs };
}

const contended = { cause: "branch-contended", isUntouched: true };

test("a branch that somebody else made first is left alone", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  await find(desk);
  await desk.host.commitElsewhere("cat/1", "theirs.txt", "main");
  expect(await contend(desk, commit, null)).toEqual(contended);
});

test("a branch that somebody else moved after the job's push is left alone", async ({ expect }) => {
  const desk = await openDesk();
  const first = await desk.commit("work.txt");
  await find(desk);
  await pushCommit(desk, first);
  await desk.host.commitElsewhere("cat/1", "theirs.txt");
  const second = await desk.commit("more.txt");
  await find(desk);
  expect(await contend(desk, second, first)).toEqual(contended);
});

test("a branch that somebody else moved is left alone also where the agent rewrote its own commits", async ({
  expect,
}) => {
  const desk = await openDesk();
  const first = await desk.commit("work.txt");
  await find(desk);
  await pushCommit(desk, first);
  await desk.host.commitElsewhere("cat/1", "theirs.txt");
  await desk.agent("commit", "-q", "--amend", "-m", "Better words");
  const second = await desk.agent("rev-parse", "HEAD");
  await find(desk);
  expect(await contend(desk, second, first)).toEqual(contended);
});

test("commits that were there before the job are not undone", async ({ expect }) => {
  const desk = await openDesk();
  const theirs = await desk.host.commitElsewhere("cat/1", "theirs.txt", "main");
  const commit = await desk.commit("work.txt");
  await find(desk);
  const pushed = await pushCommit(desk, commit, null, { startedAt: theirs });
  expect(pushed).toMatchObject({ ok: false, failure: { cause: "git" } });
  expect(pushed).toHaveProperty("failure.text", expect.stringContaining("does not go on from what"));
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(theirs);
});

test("commits that were there before the job are not undone by a job that has pushed since", async ({
  expect,
}) => {
  const desk = await openDesk();
  const theirs = await desk.commit("theirs.txt");
  const ours = await desk.commit("ours.txt");
  await find(desk);
  await pushCommit(desk, ours);
  await desk.agent("reset", "-q", "--hard", desk.start);
  const rewritten = await desk.commit("rewritten.txt");
  await find(desk);
  const pushed = await pushCommit(desk, rewritten, ours, { startedAt: theirs });
  expect(pushed).toMatchObject({ ok: false, failure: { cause: "git" } });
  expect(await desk.host.server.branch("octo", "app", "cat/1")).toBe(ours);
});

test("a push that the server declines says in whose words", async ({ expect }) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  await find(desk);
  desk.host.server.refuse("push", { kind: "declined", reason: "protected branch" });
  const pushed = await pushCommit(desk, commit);
  expect(pushed).toHaveProperty("failure.cause", "git");
  expect(pushed).toHaveProperty("failure.text", expect.stringMatching(/^Command failed: git push .*/));
  expect(pushed).toHaveProperty("failure.text", expect.stringContaining("protected branch"));
});

test("a branch whose name stands in the way is told in git's words, and blames nobody", async ({
  expect,
}) => {
  const desk = await openDesk();
  const commit = await desk.commit("work.txt");
  await find(desk);
  await desk.host.inRepository("branch", "cat", "main");
  const pushed = await pushCommit(desk, commit);
  expect(pushed).toHaveProperty("failure.cause", "git");
  expect(pushed).toHaveProperty("failure.text", expect.stringMatching(/^Command failed: git push .*/));
  expect(pushed).toHaveProperty("failure.text", expect.stringContaining("refs/heads/cat"));
});
