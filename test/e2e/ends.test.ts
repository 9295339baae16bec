// The harness's word and the container's end, in both orders: a result that was told stands, an exit code is never made up.
import { afterAll, beforeAll, test } from "vitest";
import { always, say } from "../../local/model/script.ts";
import { makeGate } from "./gate.ts";
import { findEvent } from "./log.ts";
import { openPuppetWorld, type Puppet, type PuppetWorld } from "./puppet/puppet.ts";

let world: PuppetWorld;
beforeAll(async () => {
  world = await openPuppetWorld();
});
afterAll(() => world.close());

const terminal = { state: "done", result: { pushed: true, branch: "holt/told", summary: "as told" } };

test.for([0, 137])(
  "invariant 1: a told end stands when the container exits with %i after it",
  async (code, { expect }) => {
    const { jobId, puppet } = await begin(`exec_told${code}`, 0.01);
    expect(await puppet.post(puppet.beat({ phase: "push", terminal }))).toMatchObject({ status: 200 });
    const told = await world.view(jobId);
    expect(told).toMatchObject({ state: "done", status: "done", result: terminal.result, exit: null });
    await puppet.exit(code);

    // Once the end of the container is judged, only the retention of the execution is left.
    const view = await world.until(jobId, ({ deadlines }) =>
      deadlines.every(({ name }) => name === "retention"),
    );
    expect(view).toMatchObject({
      state: "done",
      status: "done",
      result: terminal.result,
      exit: { code, by: "monitor" },
      outcome: told.outcome,
    });
    expect(view).not.toHaveProperty("evicted");
    const events = await world.events(jobId);
    expect(events.filter(({ kind }) => kind === "terminal")).toHaveLength(1);
    expect(findEvent(events, "instance-exited")).toMatchObject({ code });
  },
);

test("a terminal beat that arrives after the exit was seen is the end", async ({ expect }) => {
  const gate = await makeGate();
  const { jobId, puppet } = await begin("exec_late", 1);
  const beat = puppet.beat({ phase: "push", terminal, events: [{ ...phaseEvent, seq: 1 }] });
  await puppet.exitBeforeBeat(137, beat, gate.url);
  await gate.arrived;
  const seen = await world.until(jobId, ({ exit }) => exit !== null);
  expect(seen).toMatchObject({ state: "running", status: "running", exit: { code: 137 } });
  expect(seen.deadlines.map(({ name }) => name)).toContain("judge-exit");

  gate.open();
  const view = await world.ended(jobId);
  expect(view).toMatchObject({ state: "done", status: "done", result: terminal.result, exit: { code: 137 } });
  expect(view).not.toHaveProperty("evicted");
  const events = await world.events(jobId);
  const order = events
    .map(({ kind }) => kind)
    .filter((kind) => /^(instance-exited|phase|terminal)$/.test(kind));
  expect(order).toEqual(["instance-exited", "phase", "terminal"]);
  await gate.close();
});

test("invariant 16: an end told after a cancel leaves the job cancelled, with what was achieved as evidence", async ({
  expect,
}) => {
  const { jobId, puppet } = await begin("exec_cancelled", 1);
  const cancelled = world.cancel(jobId, "too late to finish");
  await world.until(jobId, ({ status }) => status === "stopping");
  expect(await puppet.post(puppet.beat())).toMatchObject({
    status: 200,
    body: { directives: [{ kind: "stop", cause: "cancelled" }] },
  });
  // The SIGTERM that follows may end the puppet before it has passed the answer on.
  await puppet.post(puppet.beat({ terminal })).catch(() => undefined);
  expect(await cancelled).toMatchObject({ status: "cancelled" });
  expect(await world.view(jobId)).toMatchObject({
    state: "failed",
    status: "cancelled",
    error: "cancelled: too late to finish",
    result: terminal.result,
    outcome: { code: "cancelled" },
  });
});

test("a cancel after the end was told changes nothing", async ({ expect }) => {
  const { jobId, puppet } = await begin("exec_finished", 1);
  await puppet.post(puppet.beat({ terminal }));
  const before = await world.view(jobId);
  expect(await world.cancel(jobId)).toMatchObject({ state: "done", status: "done" });
  const after = await world.view(jobId);
  expect([after.state, after.revision, after.outcome]).toEqual(["done", before.revision, before.outcome]);
});

test.for([
  { code: 3, name: "exec_exit3" },
  { code: 0, name: "exec_exit0" },
])("an exit with $code that nothing announced is a crash", async ({ code, name }, { expect }) => {
  const { jobId, puppet } = await begin(name, 0.02);
  await puppet.post(puppet.beat());
  await puppet.exit(code);
  expect(await world.ended(jobId)).toMatchObject({
    state: "failed",
    status: "evicted",
    evicted: "crash",
    error: expect.stringContaining("(container evicted or crashed)"),
    exit: { code, cause: "exited", by: "monitor" },
  });
});

test("an exit with 0 that the harness announced is its own shutdown and no eviction", async ({ expect }) => {
  const { jobId, puppet } = await begin("exec_announced", 0.02);
  const goodbye = { seq: 1, at: 1, kind: "note", code: "shutting-down", text: "out of work" };
  await puppet.post(puppet.beat({ events: [goodbye] }));
  await puppet.exit(0);
  const view = await world.ended(jobId);
  expect(view).toMatchObject({
    state: "failed",
    status: "failed",
    harnessShutdown: true,
    exit: { code: 0 },
    outcome: { code: "harness-shutdown" },
  });
  expect(view).not.toHaveProperty("evicted");
  expect(view.error).not.toMatch(/evicted|crashed/);
});

const phaseEvent = { at: 1, kind: "phase", phase: "push" };

async function begin(name: string, scale: number): Promise<{ jobId: string; puppet: Puppet }> {
  const { jobId, ...body } = world.job(name, always(say("never asked")));
  await world.dispatch({ ...body, jobId }, { scale, recovery: "report" });
  const puppet = await world.puppetOf(jobId);
  await world.until(jobId, ({ status }) => status === "running");
  return { jobId, puppet };
}
