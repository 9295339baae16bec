import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

const TICK_MS = 30_000;
const done = { state: "done", result: { summary: "made it" } } as const;

test("invariant 8: an incarnation that ends inside its alarm leaves an alarm, and nothing undone", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  let end: () => void = () => undefined;
  await runInDurableObject(rig.stub, (_, state) => {
    end = () => state.abort("ended inside the alarm");
  });
  rig.machine.interrupts.set("keepAlive", () => {
    end();
    return new Promise(() => undefined);
  });
  await rig.happens(() => rig.world.clock.moveTo(rig.now + TICK_MS));
  const { incarnations } = rig.world;
  await rig.alarm();
  rig.machine.interrupts.clear();
  await rig.begunAnew(incarnations);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(await rig.alarmAt()).toBeLessThanOrEqual(rig.now + TICK_MS);
  const renewals = rig.machine.calls.length;
  await rig.advance(TICK_MS);
  expect(rig.machine.calls.slice(renewals)).toContain("keepAlive 900000");
  await rig.beat(job, { terminal: done });
  expect((await rig.view()).status).toBe("done");
});

test("invariant 8: an object that ends itself leaves an alarm that begins it anew, with no call coming in", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await rig.losesSight();
  expect(await rig.alarmAt()).toBeLessThanOrEqual(rig.now + TICK_MS);
});

test("invariant 13: max-duration is counted over evictions and beats alike, by the object's clock", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { maxDurationMs: 120_000, silenceMs: 60_000 } });
  const ends = rig.now + 120_000;
  for (let seq = 1; seq < 12; seq += 1) {
    await rig.advance(10_000);
    await rig.evict();
    await rig.beat(job, { sentAt: 0, events: [makeOutput(seq)] });
    const limit = (await rig.view()).deadlines.find(({ name }) => name === "max-duration");
    expect(limit?.at).toBe(ends);
  }
  await rig.advance(9_999);
  expect((await rig.view()).status).toBe("running");
  await rig.advance(1);
  expect((await rig.view()).status).toBe("stopping");
});

test("invariant 13: silence is counted over evictions, from the last beat", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.advance(20_000);
  await rig.beat(job);
  const due = rig.now + PolicyDefaults.silenceMs;
  for (let eviction = 0; eviction < 4; eviction += 1) {
    await rig.advance(10_000);
    await rig.evict();
    const silence = (await rig.view()).deadlines.find(({ name }) => name === "silence");
    expect(silence?.at).toBe(due);
  }
});

test("invariant 7: an end is recorded at once by an incarnation that began with the container running", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  await rig.evict();
  await rig.evict();
  await rig.happens(() => rig.machine.exit(3));
  expect((await rig.view()).exit).toMatchObject({ code: 3, by: "monitor", at: rig.now });
});

test("a wish to stop stands in the reply to every beat, over an eviction too", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.object.cancel({ jobId: job.jobId, reason: "not wanted", waitMs: 0 });
  const stop = [{ kind: "stop", cause: "cancelled", graceMs: PolicyDefaults.stopGraceMs }];
  expect(replyOf(await rig.beat(job)).directives).toEqual(stop);
  await rig.evict();
  expect(replyOf(await rig.beat(job)).directives).toEqual(stop);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)] }))).toMatchObject({
    ack: 1,
    directives: stop,
  });
});

test("nothing is forgotten while a container is not proved dead", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { idleMs: 1_000, retentionMs: 60_000 } });
  rig.machine.undestroyable = true;
  await rig.beat(job, { terminal: done });
  await rig.advance(10 * 60_000);
  expect(await rig.view()).toMatchObject({ status: "done", result: done.result });
  expect(rig.machine.alive).not.toBeNull();
  rig.machine.undestroyable = false;
  await rig.advance(20_000);
  expect(rig.machine.alive).toBeNull();
  await rig.advance(60_000);
  expect(await rig.dump()).toEqual({});
});

test("nothing is forgotten while a container runs that nobody knows of and that does not end", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { idleMs: 1_000, retentionMs: 600_000 } });
  await rig.beat(job, { terminal: done });
  await rig.advance(60_000);
  rig.machine.create({ image: "harness", size: "lite", env: { HARNESS_INSTANCE: "fresh-00009999" } });
  rig.machine.keepAlive();
  rig.machine.undestroyable = true;
  await rig.crash();
  await rig.advance(20 * 60_000);
  expect((await rig.view()).status).toBe("done");
  rig.machine.undestroyable = false;
  await rig.advance(60_000);
  expect(rig.machine.alive).toBeNull();
  expect(await rig.dump()).toEqual({});
});
