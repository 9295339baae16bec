import { test } from "vitest";
import { type Studio, openStudio } from "./studio.ts";

const headOf = ({ host }: Studio, branch = "cat/1") => host.server.branch("octo", "app", branch);
const filesOf = async ({ host }: Studio, branch = "cat/1") =>
  (await host.inRepository("ls-tree", "-r", "--name-only", branch)).split("\n");
const notesOf = ({ recording }: Studio) =>
  recording.reported.flatMap((report) => (report.kind === "note" ? [report] : []));

test("a job's commits are pushed and a pull request opened", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say 'Did it.'" });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: true,
      prUrl: `${studio.github.url}/octo/app/pull/1`,
      branch: "cat/1",
      summary: "Did it.",
      stats: { toolCalls: 0, assistantChars: 7 },
    },
  });
  const phases = studio.recording.reported.flatMap((report) =>
    report.kind === "phase" ? [report.phase] : [],
  );
  expect(phases).toEqual(["clone", "agent", "saving", "push"]);
  expect(await filesOf(studio)).toEqual(["README.md", "work.txt"]);
  expect(studio.github.pulls()).toMatchObject([{ title: "Fix the test", head: "cat/1", base: "main" }]);
  expect(await studio.host.inRepository("log", "-1", "--format=%an <%ae>", "cat/1")).toBe(
    "holt[bot] <holt[bot]@users.noreply.github.com>",
  );
});

test("edits that no commit can hold are a note, and do not hold back the agent's commits", async ({
  expect,
}) => {
  const studio = await openStudio({ agent: "commit work.txt; rm README.md; mkfifo README.md; say ok" });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await filesOf(studio)).toEqual(["README.md", "work.txt"]);
  const notes = notesOf(studio).filter(({ code }) => code === "edits-not-saved");
  expect(notes).toMatchObject([{ text: expect.stringContaining("unsupported file type") }]);
});

/** The agent edits a file, where the file system refuses the harness a folder that it needs to read edits. */
const unreadable = 'touch "$PWD/../harness/outbox.git/fresh"; echo edited > README.md';

test("edits that the file system lets nobody read are a note, and do not hold back the agent's commits", async ({
  expect,
}) => {
  const studio = await openStudio({ agent: `commit work.txt; ${unreadable}; say ok` });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await filesOf(studio)).toEqual(["README.md", "work.txt"]);
  const notes = notesOf(studio).filter(({ code }) => code === "edits-not-saved");
  expect(notes).toMatchObject([{ text: expect.stringContaining("EEXIST") }]);
});

test("edits that the file system lets nobody read fail a job that has nothing else, by git", async ({
  expect,
}) => {
  const studio = await openStudio({ agent: `${unreadable}; say ok` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    error: expect.stringContaining("EEXIST"),
    result: { pushed: false },
  });
});

test("edits that no commit can hold fail a job that has nothing else", async ({ expect }) => {
  const studio = await openStudio({ agent: "rm README.md; mkfifo README.md; say ok" });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "git",
    error: expect.stringContaining("unsupported file type"),
  });
  expect(studio.host.server.pushes()).toEqual([]);
});

test("the names of commits can be configured", async ({ expect }) => {
  const env = { HARNESS_GIT_NAME: "robot", HARNESS_GIT_EMAIL: "robot@example.invalid" };
  const studio = await openStudio({ agent: "echo edited > README.md; say ok", env });
  await studio.run();
  expect(await studio.host.inRepository("log", "-1", "--format=%an <%ae>", "cat/1")).toBe(
    "robot <robot@example.invalid>",
  );
});

test("edits the agent did not commit are committed for it, untracked files are named", async ({ expect }) => {
  const studio = await openStudio({
    agent: "echo edited > README.md; echo new > scratch.txt; say ok",
    job: { commitMessage: "Edit the readme" },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await studio.host.inRepository("log", "-1", "--format=%s", "cat/1")).toBe("Edit the readme");
  expect(await filesOf(studio)).toEqual(["README.md"]);
  expect(notesOf(studio)).toContainEqual({
    kind: "note",
    code: "untracked-files",
    text: "1 untracked files were not pushed: scratch.txt",
  });
});

test("work on a branch of the agent's own reaches the job's branch", async ({ expect }) => {
  const studio = await openStudio({ agent: "git checkout -q -b mine; commit work.txt; say ok" });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true, branch: "cat/1" } });
  expect(await filesOf(studio)).toEqual(["README.md", "work.txt"]);
});

test("a job without a branch of its own pushes to the branch it cloned", async ({ expect }) => {
  const studio = await openStudio({
    agent: "commit work.txt; say ok",
    job: { newBranch: undefined, pushBranch: "main", pr: undefined },
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true, branch: "main" } });
  expect(await filesOf(studio, "main")).toEqual(["README.md", "work.txt"]);
});

test("an agent that changed nothing ends in a failure of meaning, and the remote has no branch", async ({
  expect,
}) => {
  const studio = await openStudio({ agent: "say 'nothing to do'" });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      pushed: false,
      branch: "cat/1",
      summary: "nothing to do",
      stats: { toolCalls: 0, assistantChars: 13 },
      error: "the agent produced no file changes.",
      failureCause: "no-changes",
    },
  });
  expect(await headOf(studio)).toBeUndefined();
  expect(studio.host.server.pushes()).toEqual([]);
});

test("an agent that never acted is said to have, with its last words", async ({ expect }) => {
  const studio = await openStudio({ agent: "echo 'no route to model' >&2" });
  expect(await studio.run()).toMatchObject({
    result: {
      error:
        "the agent produced no file changes (the agent never acted — it most likely could not reach the model). Agent stderr: no route to model",
    },
  });
});

test("changing nothing is a success where the job says so", async ({ expect }) => {
  const studio = await openStudio({ agent: "say ok", job: { noChangesIsError: false } });
  const terminal = await studio.run();
  expect(terminal).toMatchObject({ state: "done", result: { pushed: false } });
  expect(terminal.result).not.toHaveProperty("error");
});

test("a branch that exists is gone on with, in its whole history", async ({ expect }) => {
  const studio = await openStudio({
    agent: "test -f before.txt && commit work.txt; say ok",
    before: (host) => host.commitElsewhere("cat/1", "before.txt", "main"),
  });
  expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await filesOf(studio)).toEqual(["README.md", "before.txt", "work.txt"]);
});

test("a resumed branch to which the agent added nothing is no success and opens no pull request", async ({
  expect,
}) => {
  const studio = await openStudio({
    agent: "say ok",
    before: (host) => host.commitElsewhere("cat/1", "before.txt", "main"),
  });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: { pushed: false, failureCause: "no-changes" },
  });
  expect(studio.github.requests()).toEqual([]);
});

test("the commit a job began from is told, so that a later attempt can have it", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say ok" });
  await studio.run();
  expect(notesOf(studio)).toContainEqual({
    kind: "note",
    code: "base-commit",
    text: await headOf(studio, "main"),
  });
});

test("a model that gives up is a failure that keeps what was committed", async ({ expect }) => {
  const error = `{"type":"message_end","message":{"role":"assistant","content":[],"stopReason":"error","errorMessage":"402: budget exhausted"}}`;
  const studio = await openStudio({ agent: `commit work.txt; echo half > README.md; event '${error}'` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    error: "402: budget exhausted",
    failureCause: "agent",
    result: { pushed: true, branch: "cat/1" },
  });
  expect(await filesOf(studio)).toEqual(["README.md", "work.txt"]);
  expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("hello");
  expect(studio.github.requests()).toEqual([]);
});

test("a model that gives up before any work leaves no branch", async ({ expect }) => {
  const error = `{"type":"auto_retry_end","success":false,"finalError":"500: boom"}`;
  const studio = await openStudio({ agent: `event '${error}'` });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    error: "500: boom",
    result: { pushed: false },
  });
  expect(await headOf(studio)).toBeUndefined();
});

test("an agent that dies is told with its code", async ({ expect }) => {
  const studio = await openStudio({ agent: "echo 'out of luck' >&2; exit 3" });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    error: "pi exited with code 3: out of luck",
    failureCause: "agent",
  });
});

test("a pull request that cannot be opened keeps what was pushed", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say 'Did it.'" });
  studio.github.failNext({ status: 403 });
  expect(await studio.run()).toMatchObject({
    state: "failed",
    failureCause: "api",
    error: expect.stringMatching(/^Failed to open PR \(HTTP 403\)/),
    result: { pushed: true, branch: "cat/1", summary: "Did it." },
  });
});

test("a branch to push to that has other commits than the checkout fails before the agent's work", async ({
  expect,
}) => {
  const studio = await openStudio({
    agent: "commit work.txt; say ok",
    job: { newBranch: undefined, pushBranch: "other", pr: undefined },
    before: (host) => host.commitElsewhere("other", "theirs.txt", "main"),
  });
  expect(await studio.run()).toEqual({
    state: "failed",
    failureCause: "git",
    error:
      "branch 'other' is there already, with commits that 'main' has not: nothing that is made of 'main' can be pushed to it",
  });
});

test("work that was only stashed is told of", async ({ expect }) => {
  const studio = await openStudio({ agent: "echo edited > README.md; git stash -q; say ok" });
  expect(await studio.run()).toMatchObject({ result: { pushed: false, failureCause: "no-changes" } });
  const notes = notesOf(studio).filter(({ code }) => code === "work-left-behind");
  expect(notes).toMatchObject([
    { text: expect.stringMatching(/^Commit [0-9a-f]{40} is on no pushed branch/) },
  ]);
});

test("a branch that is taken meanwhile is contended, and stays as it is", async ({ expect }) => {
  const studio = await openStudio({ agent: "commit work.txt; say ready; wait_for_go; say ok" });
  const running = studio.run();
  await studio.recording.waitFor((report) => report.kind === "output" && report.stream === "agent");
  const theirs = await studio.host.commitElsewhere("cat/1", "theirs.txt", "main");
  await studio.letGo();
  expect(await running).toMatchObject({
    state: "failed",
    failureCause: "branch-contended",
    result: { pushed: false, branch: "cat/1" },
  });
  expect(await headOf(studio)).toBe(theirs);
});

test("a repository that cannot be cloned is a failure of git, without the token", async ({ expect }) => {
  const studio = await openStudio({ agent: "say ok", job: { branch: "nope" } });
  const terminal = await studio.run();
  expect(terminal).toMatchObject({ state: "failed", failureCause: "git" });
  expect(terminal).toHaveProperty("error", expect.stringContaining("Remote branch nope not found"));
});
