import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { KEEP_ALIVE_MS } from "../../../worker/execution/lifeline.ts";
import { corruptJob } from "./corrupt.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const TICK_MS = 30_000;

const situations: ReadonlyArray<readonly [string, (rig: Rig) => Promise<void>]> = [
  [
    "queued for want of capacity",
    async (rig) => {
      rig.machine.refusal = "There is no container instance that can be provided to this Durable Object";
      await rig.dispatch();
    },
  ],
  [
    "starting",
    async (rig) => {
      rig.machine.harnessScript.listening = false;
      await rig.dispatch();
    },
  ],
  ["running", async (rig) => void (await rig.begin())],
  [
    "stopping",
    async (rig) => {
      const { jobId } = await rig.begin();
      await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0 });
    },
  ],
  [
    "judged",
    async (rig) => {
      await rig.begin();
      await rig.happens(() => rig.machine.exit(1));
    },
  ],
];

for (const [what, arrange] of situations) {
  test(`invariant 8: an execution whose job is ${what} has a deadline and an alarm no later than it`, async ({
    expect,
  }) => {
    const rig = new Rig();
    await arrange(rig);
    const [deadline] = (await rig.view()).deadlines.toSorted((a, b) => a.at - b.at);
    expect(deadline?.at).toBeGreaterThan(rig.now);
    expect(await rig.alarmAt()).toBe(deadline?.at);
    await rig.crash();
    expect(await rig.alarmAt()).toBeLessThanOrEqual(deadline?.at ?? 0);
  });
}

test("a deadline that a call brings about already due is acted on at once, however soon after a tick", async ({
  expect,
}) => {
  const rig = new Rig();
  const policy = {
    silenceMs: 600_000,
    inactivityMs: 600_000,
    toolSilenceMs: 600_000,
    maxDurationMs: 600_000,
  };
  const job = await rig.begin({ door: "native", policy });
  await rig.beat(job);
  await rig.advance(590_000);
  const until = (await rig.view()).startedAt + 605_000;
  await rig.object.extend({ jobId: job.jobId, deadline: "max-duration", until });
  expect(await rig.alarmAt()).toBe(rig.now + 1);
  await rig.advance(1);
  const near = (await rig.view()).notes.filter(({ code }) => code === "max-duration-near");
  expect(near.map(({ at }) => at).at(-1)).toBe(rig.now);
});

test("invariant 8: an alarm that is missing or overdue is set anew when the object begins", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  const at = await rig.alarmAt();
  await runInDurableObject(rig.stub, (_, state) => state.storage.deleteAlarm());
  expect(await rig.alarmAt()).toBeNull();
  await rig.evict();
  expect(await rig.alarmAt()).toBe(at);
  rig.world.clock.moveTo(rig.now + 10 * 60_000);
  await rig.crash();
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(await rig.alarmAt()).toBeLessThanOrEqual(rig.now + TICK_MS);
});

test("a live container is looked after at every tick, over an eviction too", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const renewals = () => rig.machine.calls.filter((call) => call.startsWith("keepAlive")).length;
  expect(renewals()).toBe(1);
  await rig.advance(TICK_MS);
  expect(renewals()).toBe(2);
  await rig.beat(job);
  await rig.evict();
  expect(renewals()).toBe(3);
  await rig.advance(TICK_MS);
  expect(renewals()).toBe(4);
});

test("invariant 8: a step that throws is an internal error, changes nothing else, and leaves an alarm", async ({
  expect,
}) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  rig.machine.onSignal = () => undefined;
  await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0 });
  await rig.quiet();
  await corruptJob(rig, (job) => {
    job["stop"] = { ...Object(job["stop"]), evidence: null };
  });
  await rig.evict();
  const before = await rig.dump();
  rig.world.clock.moveTo(rig.now + PolicyDefaults.stopGraceMs);
  // Ten deliveries: the platform drops an alarm for good after six throws.
  for (let delivery = 0; delivery < 10; delivery += 1) {
    await runDurableObjectAlarm(rig.stub);
    await rig.quiet();
    // What failed is tried again in 30 s; the container's tick, which was not due, comes in its time.
    expect(await rig.alarmAt()).toBeGreaterThan(rig.now + TICK_MS / 2);
    expect(await rig.alarmAt()).toBeLessThanOrEqual(rig.now + TICK_MS);
  }
  const after = await rig.dump();
  expect(after["job"]).toEqual(before["job"]);
  expect(after["event"]?.map(({ kind }) => kind)).toContain("internal-error");
  expect(rig.world.log.map(({ event }) => event)).toContain("alarm.failed");
  await corruptJob(rig, (job) => {
    job["stop"] = { ...Object(job["stop"]), evidence: [] };
  });
  await rig.crash();
  await rig.advance(TICK_MS + PolicyDefaults.killGraceMs);
  expect((await rig.view()).status).toBe("cancelled");
});

test("invariant 8: a row that cannot be read does not cost the execution its alarm", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await corruptJob(rig, (job) => {
    job["policy"] = null;
  });
  await rig.evict();
  for (let delivery = 0; delivery < 10; delivery += 1) await runDurableObjectAlarm(rig.stub);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(rig.machine.alive).not.toBeNull();
});

test("a state of a later version keeps its alarm, and one that lets the container's keep-alive run out", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await runInDurableObject(rig.stub, (_, { storage }) => {
    storage.sql.exec("UPDATE execution SET state = json_set(state, '$.version', 99)");
  });
  await rig.evict();
  for (let delivery = 0; delivery < 10; delivery += 1) await runDurableObjectAlarm(rig.stub);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now + KEEP_ALIVE_MS);
});

test("an early, a doubled and a late alarm come to the same", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.alarm();
  await rig.alarm();
  expect((await rig.view()).status).toBe("running");
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.alarm();
  expect(rig.machine.alive).not.toBeNull();
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 10 * PolicyDefaults.idleMs));
  await rig.alarm();
  await rig.alarm();
  expect(rig.machine.alive).toBeNull();
  expect(rig.machine.calls.filter((call) => call === "destroy")).toHaveLength(1);
});

test("a tick that comes late does not convict a harness that beat all the while", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 10 * 60_000));
  await rig.beat(job);
  await rig.alarm();
  expect((await rig.view()).status).toBe("running");
  expect(
    rig.machine.harness.asked.filter(({ method, path }) => method === "GET" && path !== "/health"),
  ).toEqual([]);
});

test("an execution with nothing left to do but to be kept has one alarm, its retention", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const ended = rig.now;
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(PolicyDefaults.idleMs + TICK_MS);
  expect(await rig.alarmAt()).toBe(ended + PolicyDefaults.retentionMs);
  await rig.evict();
  expect(await rig.alarmAt()).toBe(ended + PolicyDefaults.retentionMs);
});

test("a keep-alive that fails is tried again and harms nothing", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.machine.interrupts.set("keepAlive", () => Promise.reject(new Error("the platform is busy")));
  for (let tick = 0; tick < 5; tick += 1) {
    await rig.advance(TICK_MS);
    await rig.beat(job);
  }
  expect((await rig.dump())["effect"]?.length).toBeLessThanOrEqual(1);
  rig.machine.interrupts.clear();
  await rig.advance(TICK_MS);
  expect((await rig.dump())["effect"]).toEqual([]);
  expect((await rig.view()).status).toBe("running");
});

test("invariant 8: a state of a version this one cannot read does not cost the execution its alarm", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await runInDurableObject(rig.stub, (_, state) => {
    state.storage.sql.exec("UPDATE execution SET state = json_set(state, '$.version', 99)");
  });
  await rig.evict();
  for (let delivery = 0; delivery < 10; delivery += 1) await runDurableObjectAlarm(rig.stub);
  expect(await rig.alarmAt()).not.toBeNull();
});

test("invariant 8: a missing alarm is set anew also where the first step of an incarnation throws", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await runInDurableObject(rig.stub, (_, state) => state.storage.deleteAlarm());
  await corruptJob(rig, (job) => {
    job["policy"] = null;
  });
  await rig.evict();
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
});
