// Coding jobs that take another way than the happy path, one after the other in one container.
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { always, runInTurn, say } from "../../local/model/script.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("a second job goes on from the branch that the first has pushed", async ({ expect }) => {
  const first = world.job(
    "exec_coding-first",
    runInTurn(["echo one > one.txt && git add one.txt && git commit -qm one"], "One."),
    { newBranch: "holt/shared", pushBranch: "holt/shared" },
  );
  const second = world.job(
    "exec_coding-second",
    runInTurn(["cat one.txt && echo two > two.txt && git add two.txt && git commit -qm two"], "Two."),
    { newBranch: "holt/shared", pushBranch: "holt/shared" },
  );
  await world.dispatch(first);
  await world.dispatch(second);
  const [one, two] = [await world.ended(first.jobId), await world.ended(second.jobId)];
  expect(one).toMatchObject({ state: "done", result: { pushed: true, branch: "holt/shared" } });
  expect(two).toMatchObject({ state: "done", result: { pushed: true, branch: "holt/shared" } });
  expect(two.result?.prUrl).toBe(one.result?.prUrl);
  expect(subjectsOf("main..holt/shared")).toEqual(["two", "one"]);
});

test("work that changes nothing is done with an error in its result, and nothing is pushed", async ({
  expect,
}) => {
  const body = world.job("exec_coding-idle", always(say("There is nothing to do.")));
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    state: "done",
    status: "done",
    result: {
      pushed: false,
      error: expect.stringContaining("the agent produced no file changes"),
      failureCause: "no-changes",
    },
    outcome: { code: "result-error", blame: "agent" },
  });
  expect(await headOf("holt/exec_coding-idle")).toBeUndefined();
  expect(view.result).not.toHaveProperty("prUrl");
});

test("a model that refuses fails the job in its own words", async ({ expect }) => {
  const body = world.job(
    "exec_coding-broke",
    always({ kind: "http-error", status: 402, message: "the budget of this month is spent" }),
  );
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    failureCause: "agent",
    error: expect.stringMatching(/402.*the budget of this month is spent/),
    outcome: { code: "agent-failed" },
  });
  expect(view).not.toHaveProperty("evicted");
  expect(await headOf("holt/exec_coding-broke")).toBeUndefined();
});

test("a token that git refuses fails the job before the agent is asked anything", async ({ expect }) => {
  const body = world.job("exec_coding-locked", fixFailingTest, { ghToken: "another_token-0f-nobody" });
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({ state: "failed", failureCause: "git", outcome: { code: "git-failed" } });
  expect(view.error).not.toContain("another_token-0f-nobody");
  const asked = world.standIns.model.requests().map(({ conversation }) => conversation?.model);
  expect(asked).not.toContain("exec_coding-locked");
});

test("a branch that somebody else moves meanwhile is left to them", async ({ expect }) => {
  const mine = world.job("exec_coding-moved", async (conversation) => {
    if (conversation.toolResults.length > 0) moveBranch("holt/exec_coding-moved");
    return runInTurn(
      ["echo mine > mine.txt && git add mine.txt && git commit -qm mine"],
      "Mine.",
    )(conversation);
  });
  await world.dispatch(mine);
  const view = await world.ended(mine.jobId);
  expect(view).toMatchObject({
    state: "failed",
    failureCause: "branch-contended",
    outcome: { code: "branch-contended" },
  });
  expect(subjectsOf("main..holt/exec_coding-moved")).toEqual(["theirs"]);
});

function headOf(branch: string): Promise<string | undefined> {
  return world.standIns.git.branch("holt", "sample", branch);
}

function subjectsOf(range: string): readonly string[] {
  return git("log", "--format=%s", range).trim().split("\n");
}

/** Somebody else's commit, made at the host itself. */
function moveBranch(branch: string): void {
  const commit = git("commit-tree", "-p", "main", "-m", "theirs", "main^{tree}").trim();
  git("update-ref", `refs/heads/${branch}`, commit);
}

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=Somebody Else", "-c", "user.email=else@holt.invalid"];
  return execFileSync("git", ["--git-dir", world.repository.path, ...identity, ...args], {
    encoding: "utf8",
  });
}
