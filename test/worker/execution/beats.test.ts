import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput, storedSeqs } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

test("invariant 4: each acknowledged event is stored once, however often and in whatever order it comes", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const first = { events: [makeOutput(1), makeOutput(2)] };
  const second = { events: [makeOutput(3)] };
  expect(replyOf(await rig.beat(job, first)).ack).toBe(2);
  expect(replyOf(await rig.beat(job, first)).ack).toBe(2);
  await rig.evict();
  expect(replyOf(await rig.beat(job, second)).ack).toBe(3);
  expect(replyOf(await rig.beat(job, first)).ack).toBe(3);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(2), makeOutput(3), makeOutput(4)] })).ack).toBe(4);
  expect(await storedSeqs(rig)).toEqual([1, 2, 3, 4]);
});

test("invariant 4: what lies beyond a hole is not stored, and is once the hole is filled", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  expect(replyOf(await rig.beat(job, { events: [makeOutput(2), makeOutput(3)] })).ack).toBe(0);
  expect(await storedSeqs(rig)).toEqual([]);
  await rig.evict();
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1), makeOutput(2)] })).ack).toBe(2);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(3)] })).ack).toBe(3);
  expect(await storedSeqs(rig)).toEqual([1, 2, 3]);
});

test("invariant 4: two beats at once store what each event of theirs is once", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const events = Array.from({ length: 50 }, (_, index) => makeOutput(index + 1));
  await Promise.all([
    rig.beat(job, { events }),
    rig.beat(job, { events }),
    rig.beat(job, { events: events.slice(0, 9) }),
  ]);
  expect(await storedSeqs(rig)).toEqual(events.map(({ seq }) => seq));
});

test("an end that lies behind a hole is not believed until the hole is filled", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const terminal = { state: "done", result: { summary: "all" } } as const;
  expect(replyOf(await rig.beat(job, { events: [makeOutput(2)], terminal })).ack).toBe(0);
  expect((await rig.view()).status).toBe("running");
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1), makeOutput(2)], terminal })).ack).toBe(2);
  expect((await rig.view()).status).toBe("done");
});

test("a loss the harness knows of is a counted gap on the card", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, {
    events: [{ seq: 1, at: 1_000, kind: "gap", count: 17, reason: "the buffer was full" }],
  });
  await rig.evict();
  expect((await rig.view()).gaps).toMatchObject([{ count: 17, reason: "the buffer was full" }]);
});

test("a beat that comes before the answer to the job's POST is its acceptance", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? new Promise(() => undefined) : null;
  await rig.dispatch();
  expect((await rig.view()).status).toBe("starting");
  const job = rig.posted(`${rig.executionId}-coder`);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)] })).ack).toBe(1);
  expect((await rig.view()).status).toBe("running");
  await rig.crash();
  expect(replyOf(await rig.beat(job, { terminal: { state: "done", result: {} } })).ack).toBe(1);
  expect((await rig.view()).status).toBe("done");
});

test("invariant 4: a stream of beats goes on over an eviction in its middle", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)] })).ack).toBe(1);
  const before = rig.machine.calls.length;
  await rig.evict();
  const again = ["keepAlive 900000", `routeBeats ${job.envelope.instance}`];
  expect(rig.machine.calls.slice(before)).toEqual(again);
  expect(replyOf(await rig.beat(job, { events: [makeOutput(2)] })).ack).toBe(2);
  await rig.evict();
  const terminal = { state: "done", result: { summary: "made it" } } as const;
  expect(replyOf(await rig.beat(job, { events: [makeOutput(3)], terminal })).ack).toBe(3);
  await rig.evict();
  const view = await rig.view();
  expect(view).toMatchObject({ status: "done", result: { summary: "made it" }, attempt: 1, gaps: [] });
  expect(await storedSeqs(rig)).toEqual([1, 2, 3]);
  expect(rig.machine.started).toHaveLength(1);
});

test("a route that could not be taken up after a reset is tried again at each tick, and costs nothing else", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const route = `routeBeats ${job.envelope.instance}`;
  rig.machine.interrupts.set("routeBeats", () => Promise.reject(new Error("the platform is busy")));
  const before = rig.machine.calls.length;
  await rig.evict();
  expect(rig.machine.calls.slice(before)).toEqual(["keepAlive 900000"]);
  await rig.advance(30_000);
  rig.machine.interrupts.clear();
  await rig.advance(30_000);
  await rig.advance(30_000);
  expect(rig.machine.calls.slice(before).filter((call) => call === route)).toHaveLength(1);

  rig.machine.interrupts.set("keepAlive", () => Promise.reject(new Error("the platform is busy")));
  const since = rig.machine.calls.length;
  await rig.evict();
  expect(rig.machine.calls.slice(since)).toEqual([route]);
});

test("invariant 13: a beat moves silence alone, and what it says of its own clock moves nothing", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const at = async () =>
    new Map((await rig.view()).deadlines.map((deadline) => [deadline.name, deadline.at]));
  const before = await at();
  await rig.advance(20_000);
  const future = rig.now + 10 * 3_600_000;
  await rig.beat(job, {
    sentAt: future,
    outputAgeMs: -5_000,
    toolAgeMs: 10 ** 12,
    events: [{ ...makeOutput(1), at: future * 2 }],
  });
  const after = await at();
  expect(after.get("silence")).toBe(rig.now + PolicyDefaults.silenceMs);
  expect(after.get("max-duration")).toBe(before.get("max-duration"));
  const { signals, heartbeatAt } = await rig.view();
  expect(signals).toMatchObject({ process: { at: rig.now }, output: { at: rig.now }, tool: { at: rig.now } });
  expect(heartbeatAt).toBe(rig.now);
});
