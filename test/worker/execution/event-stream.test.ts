import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, test } from "vitest";
import type { HarnessEvent } from "../../../shared/events.ts";
import { executionsOf } from "../../../worker/executions.ts";
import { makeEdge, readToken } from "../http/edge.ts";
import { readServerSentEvents, readUntil, type ServerSentEvent } from "../http/server-sent-events.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

/** The edge over the rig's object; both have its clock. */
function openEdge(rig: Rig) {
  const { clock } = rig.world;
  const { send } = makeEdge({ deps: { executions: executionsOf(env), clock } });
  const path = `/v1/executions/${rig.executionId}/events`;
  return (after: number, lastId: string | null = null): Promise<Response> =>
    send(`${path}?after=${after}`, {
      token: readToken,
      headers: { accept: "text/event-stream", ...(lastId !== null && { "last-event-id": lastId }) },
    });
}

const hostile = "two\nlines\r\n\nid: 99\nevent: terminal\ndata: {}\n\n\u2028 and 漢";

/** An execution that has ended and rests, with a log of each sort. */
async function restingRig(events: HarnessEvent[]): Promise<Rig> {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { events });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(120_000);
  return rig;
}

const idsOf = (events: readonly ServerSentEvent[]) => events.map(({ id }) => Number(id));

test("the stream is the log: each event with its cursor, kind and JSON, whatever its text", async ({
  expect,
}) => {
  const rig = await restingRig([makeOutput(1), makeOutput(2, hostile), makeOutput(3)]);
  const response = await openEdge(rig)(0);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const { events, retryMs } = readServerSentEvents(await response.text());
  const log = await rig.events();
  expect(log.some((event) => event["text"] === hostile)).toBe(true);
  expect(events).toEqual(log.map((event) => ({ id: String(event.cursor), event: event.kind, data: event })));
  expect(retryMs).toBe(30_000);
});

test("a client cut off after any byte comes back with its last id and has each event once", async ({
  expect,
}) => {
  const rig = await restingRig([makeOutput(1), makeOutput(2, hostile), makeOutput(3, "漢字")]);
  const open = openEdge(rig);
  const bytes = new Uint8Array(await (await open(0)).arrayBuffer());
  const whole = readServerSentEvents(new TextDecoder().decode(bytes)).events;
  const rests = new Map<string | null, readonly ServerSentEvent[]>();
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const { events, lastId } = readServerSentEvents(new TextDecoder().decode(bytes.slice(0, cut)));
    const rest = rests.get(lastId) ?? readServerSentEvents(await (await open(0, lastId)).text()).events;
    rests.set(lastId, rest);
    expect([...events, ...rest], `cut after ${cut} bytes`).toEqual(whole);
  }
  expect(rests.size).toBe(whole.length + 1);
});

test("a live log is followed over evictions, each event once, until it rests", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const open = openEdge(rig);
  const seen: ServerSentEvent[] = [];
  let lastId: string | null = null;
  for (let seq = 1; seq <= 6; seq += 2) {
    const response = await open(0, lastId);
    await rig.beat(job, { events: [makeOutput(seq), makeOutput(seq + 1)] });
    const { text, leave } = await readUntil(response, (arrived) => arrived.includes(`"seq":${seq + 1}}`));
    const read = readServerSentEvents(text);
    await leave();
    seen.push(...read.events);
    lastId = read.lastId;
    await rig.evict();
  }
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(120_000);
  seen.push(...readServerSentEvents(await (await open(0, lastId)).text()).events);
  const log = await rig.events();
  expect(seen.map(({ data }) => data)).toEqual(log);
  expect(log.map(({ kind }) => kind)).toContain("instance-exited");
});

test("an open stream brings an event as soon as it is stored", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { cursor } = await rig.view();
  const reading = readUntil(await openEdge(rig)(cursor), (text) => text.includes("line 1"));
  await rig.quiet();
  await rig.beat(job, { events: [makeOutput(1)] });
  const { text, leave } = await reading;
  expect(idsOf(readServerSentEvents(text).events)).toEqual([cursor + 1]);
  await leave();
});

test("a stream whose object is ended while it waits goes on or ends whole, and nothing is missed", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { cursor } = await rig.view();
  const open = openEdge(rig);
  const reading = readUntil(await open(cursor), (text) => text.includes("line 1"));
  await rig.quiet();
  await rig.crash();
  await rig.beat(job, { events: [makeOutput(1)] });
  const first = await reading;
  await first.leave();
  const { events, lastId } = readServerSentEvents(first.text);
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(120_000);
  const rest = readServerSentEvents(await (await open(cursor, lastId)).text()).events;
  const log = (await rig.events()).filter((event) => event.cursor > cursor);
  expect([...events, ...rest].map(({ data }) => data)).toEqual(log);
});

test("a quiet stream is kept alive by comments, and ends after five minutes to be taken up again", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { silenceMs: 3_000_000, inactivityMs: 3_000_000 } });
  const { cursor } = await rig.view();
  const open = openEdge(rig);
  const response = await open(cursor);
  const reading = readUntil(response, () => false);
  for (let step = 0; step < 61; step += 1) await rig.advance(5_000);
  const { text, ended } = await reading;
  expect(ended).toBe(true);
  const { comments, events, retryMs } = readServerSentEvents(text);
  expect(comments.length).toBeGreaterThanOrEqual(18);
  expect(comments.length).toBeLessThanOrEqual(21);
  expect(retryMs).toBe(1_000);
  const lastId = events.at(-1)?.id ?? String(cursor);
  await rig.beat(job, { events: [makeOutput(1)] });
  const again = await readUntil(await open(0, lastId), (arrived) => arrived.includes("line 1"));
  await again.leave();
  expect(idsOf(readServerSentEvents(again.text).events)[0]).toBe(Number(lastId) + 1);
});

test("what pruning took away before a reader came by is one event with its count, and the log goes on", async ({
  expect,
}) => {
  const rig = await restingRig([1, 2, 3, 4, 5, 6].map((seq) => makeOutput(seq)));
  const all = await rig.events();
  const from = all.find((event) => event["seq"] === 3)?.cursor ?? 0;
  await rig.dropEvents(from, from + 1);
  const open = openEdge(rig);
  const { events } = readServerSentEvents(await (await open(0)).text());
  const gap = events.find(({ event }) => event === "pruned");
  expect(gap).toEqual({ id: String(from + 1), event: "pruned", data: { from, to: from + 1, count: 2 } });
  expect(idsOf(events)).toEqual(all.map(({ cursor }) => cursor).filter((cursor) => cursor !== from));
  const after = readServerSentEvents(await (await open(0, String(from + 1))).text()).events;
  expect(idsOf(after)[0]).toBe(from + 2);
  const inside = readServerSentEvents(await (await open(from)).text()).events;
  expect(inside[0]?.data).toEqual({ from: from + 1, to: from + 1, count: 1 });
});

for (const lastId of ["-1", "1e99", "x", '"3"', "1.5", "9".repeat(40), "3 4", "0x1"]) {
  test(`a Last-Event-ID of ${lastId.slice(0, 9)} is refused by name`, async ({ expect }) => {
    const rig = await restingRig([]);
    const before = await rig.everything();
    const response = await openEdge(rig)(0, lastId);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid-request",
      error: expect.stringContaining("Last-Event-ID"),
    });
    expect(await rig.everything()).toEqual(before);
  });
}

test("an id that the log has not come to is refused: the name may have begun anew", async ({ expect }) => {
  const rig = await restingRig([]);
  const { cursor } = await rig.view();
  const response = await openEdge(rig)(0, String(cursor + 1));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid-request", details: { newest: cursor } });
  expect((await openEdge(rig)(cursor)).status).toBe(200);
});

test("the header goes before the query, and without one the query counts", async ({ expect }) => {
  const rig = await restingRig([makeOutput(1), makeOutput(2)]);
  const open = openEdge(rig);
  const first = async (after: number, lastId: string | null) =>
    idsOf(readServerSentEvents(await (await open(after, lastId)).text()).events)[0];
  expect(await first(0, "3")).toBe(4);
  expect(await first(2, null)).toBe(3);
  expect(await first(2, "")).toBe(3);
});

test("an execution never heard of has no stream and gets nothing written", async ({ expect }) => {
  const rig = new Rig();
  const response = await openEdge(rig)(0);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "execution-not-found" });
  expect(await rig.dump()).toEqual({});
});
