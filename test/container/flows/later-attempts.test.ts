import { test } from "vitest";
import { type Studio, type StudioOptions, openStudio } from "./studio.ts";

const filesOf = async ({ host }: Studio, branch: string) =>
  (await host.inRepository("ls-tree", "-r", "--name-only", branch)).split("\n");

const noChanges = { state: "done", result: { pushed: false, failureCause: "no-changes" } } as const;

/** Runs an attempt; what it pushed is at the host, and the next one knows where it began. */
async function runAttempt(options: StudioOptions): Promise<Studio> {
  const studio = await openStudio(options);
  await studio.run();
  return studio;
}

test("a later attempt counts what an earlier one pushed, and opens the pull request", async ({ expect }) => {
  const earlier = await runAttempt({ agent: "commit before.txt; say ok" });
  const studio = await openStudio({ agent: "say 'all done before'", earlier });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: { pushed: true, prUrl: `${studio.github.url}/octo/app/pull/1` },
  });
});

test("what an earlier attempt pushed onto a resumed branch counts, also where its base has moved on", async ({
  expect,
}) => {
  const earlier = await runAttempt({
    agent: "commit work.txt; say ok",
    before: async (host) => {
      await host.commitElsewhere("cat/1", "before.txt", "main");
      await host.commitElsewhere("main", "base.txt");
    },
  });
  await earlier.host.commitElsewhere("main", "more.txt");
  const studio = await openStudio({ agent: "say 'all done before'", earlier });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: { pushed: true, prUrl: `${studio.github.url}/octo/app/pull/1` },
  });
});

test("what the second of three attempts pushed counts for the third, also where nothing of the first is there", async ({
  expect,
}) => {
  const first = await runAttempt({
    agent: "say ok",
    before: async (host) => {
      await host.commitElsewhere("cat/1", "before.txt", "main");
      await host.commitElsewhere("main", "base.txt");
    },
  });
  await first.host.commitElsewhere("main", "more.txt");
  const second = await runAttempt({ agent: "commit work.txt; say ok", earlier: first });
  const third = await openStudio({ agent: "say 'all done before'", earlier: second });
  expect(await third.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test.for([
  { how: "a commit", file: "before.txt" },
  { how: "moving the branch on", file: null },
])("a base that was merged in by $how is no work of a later attempt", async ({ file }, { expect }) => {
  const earlier = await runAttempt({
    agent: "say ok",
    before: async (host) => {
      if (file === null) await host.inRepository("branch", "cat/1", "main");
      else await host.commitElsewhere("cat/1", file, "main");
      await host.commitElsewhere("main", "base.txt");
    },
  });
  await earlier.host.commitElsewhere("main", "more.txt");
  const studio = await openStudio({ agent: "say ok", earlier });
  expect(await studio.run()).toMatchObject(noChanges);
  expect(studio.host.server.pushes()).toEqual([]);
  expect(studio.github.requests()).toEqual([]);
});

test("a beginning that the branch does not have any more makes nothing count as work", async ({ expect }) => {
  const earlier = await runAttempt({
    agent: "say ok",
    before: (host) => host.commitElsewhere("cat/1", "before.txt", "main"),
  });
  await earlier.host.commitElsewhere("theirs", "theirs.txt", "main");
  await earlier.host.inRepository("update-ref", "refs/heads/cat/1", "theirs");
  const studio = await openStudio({ agent: "say ok", earlier });
  expect(await studio.run()).toMatchObject(noChanges);
});

test("what an earlier attempt pushed counts in a shallow checkout, which has no more than that", async ({
  expect,
}) => {
  const job = { newBranch: undefined, pushBranch: "main", pr: undefined };
  const earlier = await runAttempt({ agent: "commit work.txt; say ok", job });
  const studio = await openStudio({ agent: "say 'all done before'", job, earlier });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test.for([
  { of: "the branch that is cloned", newBranch: undefined },
  { of: "a branch that is gone on with", newBranch: "cat/1" },
])("work that was pushed to another branch than $of is gone on with", async ({ newBranch }, { expect }) => {
  const job = { newBranch, pushBranch: "work", pr: undefined };
  const earlier = await runAttempt({
    agent: "commit work.txt; say ok",
    job,
    before: (host) => host.commitElsewhere("cat/1", "before.txt", "main"),
  });
  await earlier.host.commitElsewhere(newBranch ?? "main", "more.txt");
  const studio = await openStudio({ agent: "test -f more.txt && commit last.txt; say ok", job, earlier });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true, branch: "work" } });
  expect(await filesOf(studio, "work")).toEqual(expect.arrayContaining(["last.txt", "more.txt", "work.txt"]));
  const idle = await openStudio({ agent: "say 'all done before'", job, earlier });
  expect(await idle.run()).toMatchObject({ state: "done", result: { pushed: true } });
});

test("a branch that moves on is no work for the other branch that is to be pushed", async ({ expect }) => {
  const job = { newBranch: undefined, pushBranch: "work" };
  const earlier = await runAttempt({ agent: "say ok", job });
  await earlier.host.commitElsewhere("main", "more.txt");
  const studio = await openStudio({ agent: "say ok", job, earlier });
  expect(await studio.run()).toMatchObject(noChanges);
  expect(studio.host.server.pushes()).toEqual([]);
});

test("a branch that nothing was pushed to yet begins again with all that is checked out", async ({
  expect,
}) => {
  const job = { pushBranch: "work", pr: undefined };
  const earlier = await runAttempt({
    agent: "say ok",
    job,
    before: async (host) => {
      await host.commitElsewhere("cat/1", "before.txt", "main");
      await host.inRepository("branch", "work", "main");
    },
  });
  const studio = await openStudio({ agent: "test -f before.txt && commit last.txt; say ok", job, earlier });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await filesOf(studio, "work")).toEqual(["README.md", "before.txt", "last.txt"]);
});
