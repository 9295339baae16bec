// Containers that do not become what they should be: each ends in a verdict with its reason, and none is left behind.
import { afterAll, beforeAll, test } from "vitest";
import { always, say } from "../../local/model/script.ts";
import type { JobView } from "../../shared/job-view.ts";
import type { PolicyRequest } from "../../shared/policy.ts";
import { type Orders, openPuppetWorld, type PuppetWorld } from "./puppet/puppet.ts";

let world: PuppetWorld;
beforeAll(async () => {
  world = await openPuppetWorld();
});
afterAll(() => world.close());

test("a container that never becomes ready fails by the starting deadline, and says what it waited for", async ({
  expect,
}) => {
  const view = await runToItsEnd("exec_unready", { ready: false }, { startingMs: 400 });
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    attempt: 0,
    error: expect.stringMatching(/3 times: .*did not become ready within 0.4s: .*not listening/),
    outcome: { code: "start-failed", retryable: true, blame: "platform" },
  });
  expect(await containersAfter(view)).toEqual([137, 137, 137]);
});

test("a container that ends before it is ready fails with its exit code", async ({ expect }) => {
  const view = await runToItsEnd("exec_boots", { exitCode: 9 }, {});
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    attempt: 0,
    error: expect.stringMatching(/3 times: .*exited with code 9 before it was ready/),
    outcome: { code: "start-failed" },
  });
  expect(await containersAfter(view)).toEqual([9, 9, 9]);
});

test("invariant 16: a cancel before the container is ready destroys it, and nothing starts after it", async ({
  expect,
}) => {
  await world.order({ ready: false });
  const before = world.standIns.engine.containers().length;
  const body = world.job("exec_early", always(say("never asked")));
  await world.dispatch(body);
  await world.standIns.engine.waitFor((all) => all[before]?.state === "running");
  expect(await world.cancel(body.jobId)).toMatchObject({ status: "cancelled" });
  const view = await world.view(body.jobId);
  expect(view).toMatchObject({
    status: "cancelled",
    attempt: 0,
    outcome: {
      code: "cancelled",
      evidence: [{ code: "stop-requested" }, { code: "destroy-requested" }, { code: "dead" }],
    },
  });
  expect(await containersAfter(view)).toEqual([137]);
});

test("a start that the platform refuses is tried again, and the job goes on", async ({ expect }) => {
  await world.order({});
  world.standIns.engine.faults.refuseStart(1, "no machine left");
  const body = world.job("exec_refused", always(say("never asked")));
  await world.dispatch(body);
  const puppet = await world.puppetOf(body.jobId);
  await puppet.post(puppet.beat({ terminal: { state: "done", result: {} } }));
  expect(await world.ended(body.jobId)).toMatchObject({ state: "done", attempt: 1 });
});

test("a container that answers but knows no job is lost, and does not run for ever", async ({ expect }) => {
  const view = await runToItsEnd("exec_forgets", { jobs: "unknown" }, reporting);
  expect(view).toMatchObject({
    state: "failed",
    status: "evicted",
    evicted: "transient",
    error: expect.stringContaining("transient infrastructure eviction"),
    exit: { code: null, cause: "silence" },
    outcome: {
      code: "evicted-transient",
      evidence: [{ code: "silence", text: expect.stringMatching(/does not know the job/) }],
    },
  });
  expect(await containersAfter(view)).toEqual([137]);
});

test("invariant 6: a silent container is asked twice before it is lost, and then destroyed", async ({
  expect,
}) => {
  const view = await runToItsEnd("exec_silent", { jobs: "broken" }, reporting);
  expect(view).toMatchObject({
    status: "evicted",
    evicted: "transient",
    exit: { code: null, cause: "silence" },
    outcome: {
      evidence: [{ code: "silence", text: expect.stringMatching(/two questions were not answered/) }],
    },
  });
  expect(await containersAfter(view)).toEqual([137]);
});

/** The loss is the end: no further attempt hides it. */
const reporting: PolicyRequest = { silenceMs: 300, scale: 0.02, recovery: "report" };

async function runToItsEnd(name: string, orders: Orders, policy: PolicyRequest): Promise<JobView> {
  await world.order(orders);
  const body = world.job(name, always(say("never asked")));
  await world.dispatch(body, policy);
  return world.ended(body.jobId);
}

/** How each container of the job ended, once the last end is proved; that comes after the job's. */
async function containersAfter({ id }: JobView): Promise<readonly (number | null | string)[]> {
  await world.until(id, ({ deadlines }) => deadlines.every(({ name }) => name === "retention"));
  const containers = await world.containersOf(id);
  return containers.map(({ state, exitCode }) => (state === "running" ? state : exitCode));
}
