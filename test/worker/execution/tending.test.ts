import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { corruptJob } from "./corrupt.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const MINUTE = 60_000;
const TICK_MS = 30_000;

test("invariant 8: an alarm that the platform lost is set anew by a visit, which acts on what is overdue", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  const renewals = () => rig.machine.calls.filter((call) => call.startsWith("keepAlive")).length;
  const before = renewals();
  await loseAlarm(rig);
  await later(rig, 3 * MINUTE);
  const answer = await rig.object.tend();
  await rig.quiet();
  expect(answer).toMatchObject({ live: true, destroyedMs: null });
  expect(renewals()).toBe(before + 1);
  const alarmAt = await rig.alarmAt();
  expect(alarmAt).toBeGreaterThan(rig.now);
  expect(alarmAt).toBeLessThanOrEqual(rig.now + TICK_MS);
  expect(answer.nextDeadlineAt).toBeLessThanOrEqual(rig.now + TICK_MS);
});

test("invariant 8: a job whose alarm was lost is stopped at its deadline by the visits of the sweep alone", async ({
  expect,
}) => {
  const rig = new Rig();
  const { jobId } = await rig.begin({ policy: { maxDurationMs: 2 * MINUTE } });
  await later(rig, 2 * MINUTE);
  for (let visit = 0; visit < 4; visit += 1) {
    await loseAlarm(rig);
    await rig.object.tend();
    await rig.quiet();
    await later(rig, 2 * MINUTE);
  }
  expect((await rig.view(jobId)).outcome?.code).toBe("max-duration");
  expect(rig.machine.alive).toBeNull();
});

test("invariant 8: a missing alarm is set anew by a visit also where nothing is overdue", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  const at = await rig.alarmAt();
  await loseAlarm(rig);
  await rig.object.tend();
  expect(await rig.alarmAt()).toBe(at);
});

test("a visit to an execution that is well changes nothing", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  const before = await rig.everything();
  expect(await rig.object.tend()).toEqual({
    live: true,
    nextDeadlineAt: before.alarmAt,
    destroyedMs: null,
  });
  await rig.quiet();
  expect(await rig.everything()).toEqual(before);
});

test("invariant 9: an idle container whose alarm was lost is destroyed by a visit, and its time told", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await loseAlarm(rig);
  await later(rig, PolicyDefaults.idleMs + 10 * MINUTE);
  expect(rig.machine.alive).not.toBeNull();
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: 10 * MINUTE });
  expect(rig.machine.alive).toBeNull();
  // What is left to do is to tell the board, and to forget a week later.
  await rig.advance(5_000);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now + 6 * 24 * 60 * MINUTE);
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: null });
});

test("an idle container within its time is left alone, and its execution is live", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect(await rig.object.tend()).toMatchObject({ live: true, destroyedMs: null });
  expect(rig.machine.alive).not.toBeNull();
});

test("a container that cannot be destroyed keeps its execution live, and is counted when it is gone", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  rig.machine.undestroyable = true;
  await later(rig, PolicyDefaults.idleMs);
  const visit = rig.object.tend();
  await rig.quiet();
  await later(rig, 5_000);
  expect(await visit).toMatchObject({ live: true, destroyedMs: null });
  rig.machine.undestroyable = false;
  await loseAlarm(rig);
  await later(rig, MINUTE);
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: MINUTE + 5_000 });
});

test("an execution that was never dispatched to is visited and writes nothing", async ({ expect }) => {
  const rig = new Rig();
  expect(await rig.object.tend()).toEqual({ live: false, nextDeadlineAt: null, destroyedMs: null });
  await rig.object.granted();
  expect(await rig.everything()).toEqual({ tables: {}, alarmAt: null, calls: [] });
});

test("invariant 9: a container of an execution that knows nothing of it is destroyed, and counted once", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.create({ image: "harness", size: "lite", env: { HARNESS_INSTANCE: "fresh-00009999" } });
  rig.machine.keepAlive();
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: 0 });
  expect(rig.machine.alive).toBeNull();
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: null });
  expect(await rig.dump()).toEqual({});
  expect(await rig.alarmAt()).toBeNull();
});

test("a stray of before is counted by the visit that also acts on what is overdue", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.create({ image: "harness", size: "lite", env: { HARNESS_INSTANCE: "fresh-00009999" } });
  rig.machine.keepAlive();
  await rig.begin();
  await loseAlarm(rig);
  await later(rig, 3 * MINUTE);
  const renewals = () => rig.machine.calls.filter((call) => call.startsWith("keepAlive")).length;
  const before = renewals();
  expect(await rig.object.tend()).toMatchObject({ live: true, destroyedMs: 0 });
  await rig.quiet();
  expect(renewals()).toBe(before + 1);
});

test("a stray that does not end keeps its execution in sight of the sweep", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.create({ image: "harness", size: "lite", env: { HARNESS_INSTANCE: "fresh-00009999" } });
  rig.machine.keepAlive();
  rig.machine.undestroyable = true;
  expect(await rig.object.tend()).toMatchObject({ live: true, destroyedMs: null });
  rig.machine.undestroyable = false;
  expect(await rig.object.tend()).toMatchObject({ live: false, destroyedMs: 0 });
  expect(rig.machine.alive).toBeNull();
});

test("a visit to a state that cannot be read fails, and leaves an alarm", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await corruptJob(rig, (job) => {
    job["policy"] = null;
  });
  await rig.evict();
  await loseAlarm(rig);
  await runInDurableObject(rig.stub, (object) => expect(object.tend()).rejects.toThrow());
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(rig.machine.alive).not.toBeNull();
});

test("a word that the turn has come asks for the slot at once", async ({ expect }) => {
  const rig = new Rig();
  rig.world.line.answer = { kind: "waiting", position: 1, live: 20, max: 20 };
  await rig.dispatch();
  expect(await rig.view()).toMatchObject({ status: "queued", queue: { position: 1, live: 20, max: 20 } });
  rig.world.line.answer = { kind: "granted" };
  await rig.object.granted();
  await rig.quiet();
  expect(rig.machine.alive).not.toBeNull();
});

function loseAlarm(rig: Rig): Promise<void> {
  return runInDurableObject(rig.stub, (_, state) => state.storage.deleteAlarm());
}

/** Time passes, and no alarm fires. */
function later(rig: Rig, ms: number): Promise<void> {
  return rig.happens(() => rig.world.clock.moveTo(rig.now + ms));
}
