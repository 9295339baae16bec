import { test } from "vitest";
import { refuse } from "../../../shared/errors.ts";
import type { EventsPage } from "../../../shared/events.ts";
import type { EventsRead, EventsRequest } from "../../../worker/execution/rpc.ts";
import { makeEdge, readToken } from "./edge.ts";
import { readServerSentEvents, readUntil } from "./server-sent-events.ts";

const path = "/v1/executions/exec_1/events";
const accept = "text/event-stream";

/** A log of so many lines, `perPage` of them in a page whatever is asked. */
function logOf(newest: number, { live = true, perPage = 1 } = {}) {
  return async ({ after }: EventsRequest): Promise<EventsRead> => {
    const next = Math.min(newest, after + perPage);
    const events: EventsPage["events"] = Array.from({ length: next - after }, (_, index) => ({
      cursor: after + index + 1,
      at: 1,
      kind: "note",
      jobId: null,
      attempt: null,
      instance: null,
    }));
    return { ok: true, page: { executionId: "exec_1", events, next, newest, gaps: [] }, tag: "1.1", live };
  };
}

/** Lets everything that is not waiting for the reader happen. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await scheduler.wait(0);
}

test("the object is asked for a page only when the reader has taken the one before", async ({ expect }) => {
  const { send, asked } = makeEdge({ answers: { events: logOf(1_000) } });
  const response = await send(path, { token: readToken, headers: { accept } });
  await settle();
  expect(asked.length).toBe(1);
  const { leave } = await readUntil(response, (text) => text.includes("id: 3\n"));
  await settle();
  expect(asked.length).toBe(3);
  await leave();
});

test("a reader that leaves ends the stream, and nothing is asked any more", async ({ expect }) => {
  const { send, asked, lines } = makeEdge({ answers: { events: logOf(1_000) } });
  const response = await send(path, { headers: { accept } });
  const { leave } = await readUntil(response, (text) => text.includes("id: 2\n"));
  await leave();
  const before = asked.length;
  await settle();
  expect(asked.length).toBe(before);
  expect(lines.map(({ event }) => event)).toEqual(["stream.ended"]);
});

test("a request that was given up ends the stream at its next page", async ({ expect }) => {
  const { app, asked } = makeEdge({ answers: { events: logOf(1_000) } });
  const given = new AbortController();
  const response = await app.request(`https://holt.example${path}`, {
    headers: { accept, authorization: "Bearer token-that-reads" },
    signal: given.signal,
  });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("no body");
  await reader.read();
  given.abort();
  for (let done = false; !done;) ({ done } = await reader.read());
  expect(asked.length).toBeLessThanOrEqual(2);
});

test("a client that stops reading is given up", async ({ expect }) => {
  let giveUp: () => void = () => undefined;
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    return new Promise((resolve) => {
      giveUp = resolve;
    });
  };
  const { send, lines } = makeEdge({ answers: { events: logOf(1_000) }, deps: { timer: { sleep } } });
  const response = await send(path, { headers: { accept } });
  const { leave } = await readUntil(response, (text) => text.includes("id: 1\n"));
  await leave();
  const stalled = await send(path, { headers: { accept } });
  const reader = stalled.body?.getReader();
  await reader?.read();
  giveUp();
  await expect(reader?.read()).rejects.toThrow("stopped reading");
  await settle();
  expect(slept).toEqual([360_000, 360_000]);
  expect(lines.filter(({ event }) => event === "stream.ended")).toHaveLength(2);
});

test("a stream ends after its pages: the platform counts the calls of one request", async ({ expect }) => {
  const { send, asked } = makeEdge({ answers: { events: logOf(5_000) } });
  const { events } = readServerSentEvents(await (await send(path, { headers: { accept } })).text());
  expect(events.length).toBe(2_000);
  expect(asked.length).toBe(2_000);
});

test("where the object fails the stream ends with whole events, and says so in the log", async ({
  expect,
}) => {
  const log = logOf(1_000);
  const { send, lines } = makeEdge({
    answers: {
      events: (request) => (request.after < 3 ? log(request) : Promise.reject(new Error("gone"))),
    },
  });
  const { events } = readServerSentEvents(await (await send(path, { headers: { accept } })).text());
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "3"]);
  expect(lines.map(({ event }) => event)).toEqual(["stream.failed", "stream.ended"]);
});

test("an execution that is deleted meanwhile ends the stream", async ({ expect }) => {
  const log = logOf(1_000);
  const { send } = makeEdge({
    answers: {
      events: async (request) => (request.after < 3 ? log(request) : refuse("execution-not-found", "gone")),
    },
  });
  const { events } = readServerSentEvents(await (await send(path, { headers: { accept } })).text());
  expect(events.map(({ id }) => id)).toEqual(["1", "2", "3"]);
});

test("only a live execution is waited for", async ({ expect }) => {
  const live = makeEdge({ answers: { events: logOf(3) } });
  const stream = await live.send(path, { headers: { accept } });
  const { leave } = await readUntil(stream, (text) => text.includes(": keep-alive"));
  await leave();
  const waits = live.asked.map(({ argument }) => argument);
  expect(waits.slice(0, 2)).toEqual([
    { after: 0, limit: 500 },
    { after: 1, limit: 500, waitMs: 15_000 },
  ]);
  const resting = makeEdge({ answers: { events: logOf(3, { live: false }) } });
  const { events, retryMs } = readServerSentEvents(
    await (await resting.send(path, { headers: { accept } })).text(),
  );
  expect(events.length).toBe(3);
  expect(retryMs).toBe(30_000);
  expect(resting.asked.every(({ argument }) => !Object.hasOwn(Object(argument), "waitMs"))).toBe(true);
});

test("a stream needs a token that reads, and counts as one request", async ({ expect }) => {
  const denied = makeEdge({ deps: { isWithinRate: () => Promise.resolve(false) } });
  expect((await denied.send(path, { headers: { accept } })).status).toBe(429);
  expect((await denied.send(path, { headers: { accept }, token: null })).status).toBe(401);
  expect(denied.asked).toEqual([]);
});
