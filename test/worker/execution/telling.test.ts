import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

/** How often each metric was written. */
function countsIn({ world }: Rig): Readonly<Record<string, number>> {
  const names = world.points.map(({ name }) => name);
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((n) => n === name).length]),
  );
}

function linesOf(rig: Rig, event: string) {
  return rig.world.log
    .filter((line) => line.event === event)
    .map(({ level, fields }) => ({ level, ...fields }));
}

test("a fact is measured once, whatever alarms, evictions and effects that run again do", async ({
  expect,
}) => {
  const rig = new Rig();
  const first = await rig.begin({ policy: { recovery: "heal" } });
  await rig.crash();
  await rig.alarm();
  await rig.beat(first, { phase: "agent", outputAgeMs: 0 });
  await rig.evict();
  await rig.beat(first, { phase: "agent", outputAgeMs: 0 });
  await rig.happens(() => rig.machine.exit(143));
  await rig.crash();
  await rig.advance(5_000);
  const second = rig.given(first.jobId);
  expect(second.envelope.attempt).toBe(2);
  await rig.crash();
  await rig.beat(second, { phase: "agent", outputAgeMs: 0 });
  const end = { terminal: { state: "done", result: { pushed: true } } } as const;
  await rig.beat(second, end);
  await rig.beat(second, end);
  await rig.crash();
  await rig.advance(PolicyDefaults.idleMs);
  await rig.alarm();
  expect(rig.machine.alive).toBeNull();
  expect(countsIn(rig)).toEqual({
    // One for each attempt's container.
    "queue-wait": 1,
    start: 2,
    accepted: 1,
    working: 1,
    "first-output": 1,
    detection: 1,
    recovery: 1,
    "wasted-seconds": 1,
    gap: 1,
    outcome: 1,
    "container-seconds": 2,
  });
  const seconds = rig.world.points.filter(({ name }) => name === "container-seconds");
  const { view } = await rig.object.execution().then((read) => (read.ok ? read : Promise.reject(read)));
  expect(seconds.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(view.containerSeconds, 6);
});

test("a cancel is measured once, up to its proof, although its destroy had to be tried again", async ({
  expect,
}) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  rig.machine.onSignal = () => undefined;
  rig.machine.undestroyable = true;
  await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0, requestId: "request-7" });
  await rig.advance(PolicyDefaults.stopGraceMs + PolicyDefaults.killGraceMs + 20_000);
  expect((await rig.view()).status).toBe("stopping");
  expect(countsIn(rig)).not.toHaveProperty("stop");
  rig.machine.undestroyable = false;
  await rig.crash();
  await rig.advance(20_000);
  expect((await rig.view()).status).toBe("cancelled");
  expect(countsIn(rig)).toMatchObject({ stop: 1, outcome: 1, "container-seconds": 1 });
  expect(linesOf(rig, "cancel.requested")).toMatchObject([
    { level: "info", executionId: rig.executionId, jobId, attempt: 1, round: 1, requestId: "request-7" },
  ]);
});

test("every line of an execution says whose it is", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await rig.happens(() => rig.machine.exit(1));
  await rig.advance(10_000);
  await rig.evict();
  expect(linesOf(rig, "job.ended")).toMatchObject([{ level: "warn", outcome: "evicted-crash" }]);
  expect(new Set(rig.world.log.map(({ fields }) => fields["executionId"]))).toEqual(
    new Set([rig.executionId]),
  );
});

test("an effect that fails says whose it was", async ({ expect }) => {
  const rig = new Rig();
  const { envelope } = await rig.begin();
  rig.machine.interrupts.set("keepAlive", () => Promise.reject(new Error("no answer")));
  await rig.advance(30_000);
  const { executionId } = rig;
  expect(linesOf(rig, "effect.failed")).toMatchObject([
    { level: "warn", effect: "keep-alive", executionId, instance: envelope.instance },
  ]);
});

test("refused beats are told at once, and then counted for a minute; each changes nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const before = await rig.everything();
  for (let count = 0; count < 3; count += 1) await rig.beat(job, {}, "not-the-key");
  await rig.beat(job, { attempt: 9 });
  expect(await rig.everything()).toEqual(before);
  expect(linesOf(rig, "beat.refused")).toMatchObject([
    { level: "warn", instance: job.envelope.instance, code: "invalid-beat-key", count: 1 },
  ]);
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 60_000));
  await rig.beat(job, {}, "not-the-key");
  const refused = rig.world.points.filter(({ name }) => name === "beat-refused");
  expect(refused.map(({ label, value }) => [label, value])).toEqual([
    ["invalid-beat-key", 1],
    ["invalid-beat-key", 4],
  ]);
});

test("a sink that fails fails nothing else", async ({ expect }) => {
  const rig = new Rig();
  rig.world.metricsFail = true;
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: { pushed: true } } });
  expect((await rig.view()).status).toBe("done");
  expect(await rig.alarmAt()).not.toBeNull();
  expect(linesOf(rig, "telling.failed").length).toBeGreaterThan(0);
});
