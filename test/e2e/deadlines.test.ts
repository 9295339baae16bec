// Deadlines that act on a harness at work: what they stop, what of the work is kept, and what they leave running: nothing.
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { always, runCommand } from "../../local/model/script.ts";
import { makeGate } from "./gate.ts";
import { findEvent } from "./log.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("invariant 13: max-duration stops a harness that beats and an agent that works", async ({ expect }) => {
  const gate = await makeGate();
  const body = world.job("exec_long", always(runCommand(gate.command)));
  await world.dispatch(body, { maxDurationMs: 6_000, silenceMs: 1_000 });
  const view = await world.ended(body.jobId);
  await gate.close();
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    failureCause: "max-duration",
    error: expect.stringMatching(/max duration/),
    outcome: { code: "max-duration", retryable: true },
  });
  expect(view).not.toHaveProperty("evicted");
  const passed = findEvent(await world.events(body.jobId), "note", "deadline-passed");
  expect(passed?.at).toBeGreaterThanOrEqual(view.startedAt + 6_000);
  expect(view.signals.process?.at).toBeGreaterThan(view.startedAt + 1_000);
});

test("a clone that hangs is stopped by the deadline of its step, which it names", async ({ expect }) => {
  const hold = world.standIns.git.hold("fetch");
  const body = world.job("exec_hung", fixFailingTest);
  await world.dispatch(body, { cloneMs: 1_500 });
  await hold.held;
  const view = await world.ended(body.jobId);
  hold.release();
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    failureCause: "git",
    error: expect.stringMatching(/clone/),
    outcome: { code: "step-timeout" },
  });
});
