import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
});

test("a dispatched job clones, works, pushes, opens a pull request and is read as done", async ({
  expect,
}) => {
  const body = world.job("exec_happy", fixFailingTest);
  const answer = await world.dispatch(body);
  expect(answer).toMatchObject({ jobId: "exec_happy-coder", state: "running", executionId: "exec_happy" });

  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    state: "done",
    status: "done",
    attempt: 1,
    round: 1,
    gaps: [],
    result: { pushed: true, branch: "holt/exec_happy" },
    outcome: { code: "done" },
  });
  expect(view.result?.prUrl).toMatch(/\/pull\/1$/);
  expect(world.standIns.github.pulls()).toHaveLength(1);

  const events = await world.events(body.jobId);
  const kinds = events.map(({ kind }) => kind);
  for (const kind of [
    "dispatched",
    "instance-started",
    "attempt-started",
    "phase",
    "tool-start",
    "tool-end",
    "terminal",
  ]) {
    expect(kinds).toContain(kind);
  }
  const phases = events.filter(({ kind }) => kind === "phase").map((event) => event["phase"]);
  expect(phases).toEqual(expect.arrayContaining(["clone", "agent", "push"]));
  expect(branchPasses("holt/exec_happy")).toBe(true);
});

/** Whether the tests of the branch as the git host has it are green. */
function branchPasses(branch: string): boolean {
  const dir = mkdtempSync(join(tmpdir(), "holt-e2e-clone-"));
  try {
    execFileSync("git", ["clone", "-q", "--branch", branch, world.repository.path, dir]);
    execFileSync("node", ["--test"], { cwd: dir, stdio: "ignore" });
    return true;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
