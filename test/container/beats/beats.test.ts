import { onTestFinished, test } from "vitest";
import type { Directive } from "../../../shared/beat.ts";
import { Limits } from "../../../shared/limits.ts";
import { type BeatClient, type BeatOptions, type Liveness, startBeats } from "../../../container/beats.ts";
import type { EventBody } from "../../../container/beats/outbox.ts";
import { systemClock } from "../../../container/system.ts";
import { deferred } from "../server/deferred.ts";
import { type ObjectServer, startObject } from "./object-server.ts";

const silent: BeatOptions["log"] = { write: () => undefined, child: () => silent };
const liveness: Liveness = { phase: "agent", outputAgeMs: 5, toolAgeMs: null };
const output = (text: string): EventBody => ({ kind: "output", stream: "agent", text });

function beatTo(object: ObjectServer, more: Partial<BeatOptions> = {}): BeatClient {
  const client = startBeats({
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    log: silent,
    url: object.url,
    beatKey: "beat-key-0123456789",
    identity: { jobId: "job_1", attempt: 2, instance: "instance-0001", boot: "boot-0001" },
    nextBeatMs: 60_000,
    liveness: () => liveness,
    onDirective: () => undefined,
    onStale: () => undefined,
    ...more,
  });
  onTestFinished(() => client.close());
  return client;
}

test("the first beat goes out at once and says whose it is", async ({ expect }) => {
  const object = await startObject();
  beatTo(object);
  const { beat, authorization } = await object.nth(0);
  expect(authorization).toBe("Bearer beat-key-0123456789");
  expect(beat).toMatchObject({
    v: 1,
    jobId: "job_1",
    attempt: 2,
    instance: "instance-0001",
    boot: "boot-0001",
    phase: "agent",
    outputAgeMs: 5,
    toolAgeMs: null,
    events: [],
  });
});

test("a quiet job beats by the interval the object asks for", async ({ expect }) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  beatTo(object);
  const { beat } = await object.nth(4);
  expect(beat.events).toStrictEqual([]);
});

test("an event does not wait for the interval, and those that follow it closely share its beat", async ({
  expect,
}) => {
  const object = await startObject();
  const client = beatTo(object);
  await object.nth(0);
  for (const text of ["a", "b", "c"]) client.push(output(text));
  const { beat } = await object.nth(1);
  expect(beat.events).toMatchObject([
    { seq: 1, text: "a" },
    { seq: 2, text: "b" },
    { seq: 3, text: "c" },
  ]);
});

test("one beat is in flight at a time, and what comes in meanwhile rides on the next", async ({ expect }) => {
  const object = await startObject();
  object.behave = (_beat, index) => (index === 0 ? { kind: "hold" } : { kind: "store" });
  const client = beatTo(object, { nextBeatMs: 20 });
  await object.nth(0);
  for (let count = 0; count < 50; count += 1) client.push(output(String(count)));
  const { beat } = await object.nth(1);
  expect(beat.events).toHaveLength(50);
});

test("invariant 4: answers lost, cut off or nonsense lead to the same beat again, stored once", async ({
  expect,
}) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  const trouble = [
    { kind: "store-and-cut" },
    { kind: "cut" },
    { kind: "answer", status: 500, body: { error: "x", code: "internal-error" } },
    { kind: "answer", status: 401, body: { error: "x", code: "invalid-beat-key" } },
    { kind: "answer", status: 429, body: {} },
    { kind: "answer", status: 409, body: { error: "x", code: "already-finished" } },
    { kind: "answer", status: 200, body: "no reply" },
    { kind: "answer", status: 200, body: { ack: 0, directives: [], nextBeatMs: 20 } },
    { kind: "store-and-cut" },
  ] as const;
  object.behave = (_beat, index) => trouble[index] ?? { kind: "store" };
  const client = beatTo(object, { nextBeatMs: 20 });
  for (const text of ["a", "b", "c"]) client.push(output(text));
  expect(await client.finish({ state: "done", result: {} })).toBe("stored");
  expect(
    object.object.stored.map((event) => [event.seq, event.kind === "output" && event.text]),
  ).toStrictEqual([
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ]);
});

test("a beat nobody answers is given up and sent again", async ({ expect }) => {
  const object = await startObject();
  object.behave = (_beat, index) => (index === 0 ? { kind: "hold" } : { kind: "store" });
  const client = beatTo(object, { nextBeatMs: 20 });
  client.push(output("a"));
  expect(await client.finish({ state: "done", result: {} })).toBe("stored");
  expect(object.object.stored).toHaveLength(1);
  // Whoever gets the first one late knows that it is old.
  const sent = await Promise.all([object.nth(0), object.nth(1)]);
  expect(sent.map(({ beat }) => beat.number)).toEqual([1, 2]);
});

test("a beat holds no more events and bytes than the object takes", async ({ expect }) => {
  const object = await startObject();
  const client = beatTo(object);
  for (let count = 0; count < 1_200; count += 1) client.push(output("short"));
  for (let count = 0; count < 30; count += 1) client.push(output("€".repeat(5_000)));
  await client.finish({ state: "done", result: {} });
  expect(object.object.stored).toHaveLength(1_230);
  for (const { beat, bytes } of object.seen) {
    expect(beat.events.length).toBeLessThanOrEqual(Limits.beatEvents);
    expect(bytes).toBeLessThanOrEqual(Limits.beatBytes);
  }
});

test("the end is told with the last events, again until stored, and then nothing more is sent", async ({
  expect,
}) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  let refusals = 0;
  object.behave = (beat) => {
    if (beat.terminal === undefined || refusals === 3) return { kind: "store" };
    refusals += 1;
    return { kind: "cut" };
  };
  const client = beatTo(object, { nextBeatMs: 20 });
  for (let count = 0; count < 700; count += 1) client.push(output(String(count)));
  expect(await client.finish({ state: "failed", error: "boom", failureCause: "git" })).toBe("stored");
  const ends = object.seen.filter(({ beat }) => beat.terminal !== undefined);
  expect(ends).toHaveLength(4);
  expect(ends.at(-1)?.beat).toMatchObject({
    terminal: { state: "failed", error: "boom", failureCause: "git" },
  });
  expect(object.object.stored).toHaveLength(700);
  const beats = object.seen.length;
  client.push(output("after the end"));
  await client.closed;
  expect(await client.flush(10)).toBe(true);
  expect(object.seen).toHaveLength(beats);
});

test("an object that stores no events any more gets the end without them", async ({ expect }) => {
  const object = await startObject();
  object.behave = () => ({ kind: "answer", status: 200, body: { ack: 0, directives: [], nextBeatMs: 20 } });
  const client = beatTo(object, { nextBeatMs: 20 });
  for (let count = 0; count < 600; count += 1) client.push(output(String(count)));
  expect(await client.finish({ state: "done", result: {} })).toBe("stored");
  expect(object.seen.at(-1)?.beat).toMatchObject({ events: [], terminal: { state: "done" } });
});

test("an event the object will not take is found by halving and replaced by a gap", async ({ expect }) => {
  const object = await startObject();
  object.behave = (beat) =>
    beat.events.some((event) => event["text"] === "poison")
      ? { kind: "answer", status: 400, body: { error: "no", code: "invalid-beat" } }
      : { kind: "store" };
  const client = beatTo(object);
  for (const text of ["a", "b", "poison", "c", "d"]) client.push(output(text));
  await client.finish({ state: "done", result: { summary: "whole" } });
  expect(object.object.stored.map(({ kind }) => kind)).toStrictEqual([
    "output",
    "output",
    "gap",
    "output",
    "output",
  ]);
  expect(object.object.missing).toBe(1);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({ result: { summary: "whole" } });
});

test("an end the object will not take is told in fewer words, and its events are not to blame", async ({
  expect,
}) => {
  const object = await startObject();
  object.behave = (beat) =>
    JSON.stringify(beat.terminal ?? {}).length > 2_000
      ? { kind: "answer", status: 413, body: { error: "no", code: "body-too-large" } }
      : { kind: "store" };
  const client = beatTo(object);
  client.push(output("a"));
  const result = { pushed: true, branch: "cat/1", summary: "s".repeat(100_000), custom: { list: [1, 2, 3] } };
  expect(await client.finish({ state: "done", result })).toBe("stored");
  expect(object.object.stored).toMatchObject([{ kind: "output", text: "a" }]);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({
    state: "done",
    result: { pushed: true, branch: "cat/1" },
  });
});

test("a result over its limit is cut before it is sent, longest field first", async ({ expect }) => {
  const object = await startObject();
  const client = beatTo(object);
  const result = { pushed: true, prUrl: "http://x/pull/1", summary: "€".repeat(1_000_000) };
  await client.finish({ state: "done", result });
  const last = object.seen.at(-1);
  expect(last?.bytes).toBeLessThanOrEqual(Limits.terminalBeatBytes);
  expect(last?.beat.terminal).toMatchObject({ result: { pushed: true, prUrl: "http://x/pull/1" } });
  expect(JSON.stringify(last?.beat.terminal)).toContain("more characters");
});

test("invariant 5: an attempt that was replaced is told once, and beats no more", async ({ expect }) => {
  const object = await startObject();
  object.behave = () => ({ kind: "answer", status: 409, body: { error: "old", code: "stale-attempt" } });
  const stale = deferred<void>();
  const client = beatTo(object, { nextBeatMs: 20, onStale: () => stale.resolve() });
  await stale.promise;
  client.push(output("late"));
  expect(await client.finish({ state: "done", result: {} })).toBe("unsent");
  await client.closed;
  expect(object.seen).toHaveLength(1);
});

test("every wish in a reply is handed on, as often as it is repeated", async ({ expect }) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  const stop: Directive = { kind: "stop", cause: "cancelled", graceMs: 100 };
  const extend: Directive = { kind: "extend", deadline: "inactivity", until: 4_100_000_000_000 };
  object.behave = () => ({ kind: "store", directives: [stop, extend] });
  const seen: Directive[] = [];
  const enough = deferred<void>();
  beatTo(object, {
    nextBeatMs: 20,
    onDirective: (directive) => {
      seen.push(directive);
      if (seen.length === 4) enough.resolve();
    },
  });
  await enough.promise;
  expect(seen.slice(0, 4)).toStrictEqual([stop, extend, stop, extend]);
});

test("a flush tells within its time whether everything is stored", async ({ expect }) => {
  const object = await startObject();
  const client = beatTo(object);
  await object.nth(0);
  client.push({ kind: "note", code: "drained", text: "bye" });
  expect(await client.flush(5_000)).toBe(true);
  object.behave = () => ({ kind: "cut" });
  client.push({ kind: "note", code: "drained", text: "bye again" });
  expect(await client.flush(50)).toBe(false);
});
