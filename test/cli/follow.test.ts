import { test } from "vitest";
import { followJob } from "../../cli/follow.ts";
import { readLog, streamLog } from "../../cli/log-reader.ts";
import { createClient } from "../../shared/client.ts";
import { makeView } from "./views.ts";

const job = { executionId: "exec_1", jobId: "exec_1-coder" };
const ended = Response.json(makeView({ state: "done", status: "done", cursor: 0 }));
const nothingLogged = Response.json({
  executionId: job.executionId,
  events: [],
  gaps: [],
  next: 0,
  newest: 0,
});
const busy = Response.json(
  { error: "600 requests a minute are let in", code: "rate-limited", requestId: "req_1" },
  { status: 429, headers: { "retry-after": "12" } },
);

/** A Worker that gives these answers in this order, and somebody who notes how long is waited between. */
function opposite(...answers: readonly Response[]) {
  const left = [...answers];
  const slept: number[] = [];
  const asked: string[] = [];
  const api = createClient({
    url: "https://holt.example",
    token: "t",
    send: (url) => {
      asked.push(url);
      const answer = left.shift();
      if (answer === undefined) throw new Error("asked once more than there are answers");
      return Promise.resolve(answer.clone());
    },
  });
  const io = {
    now: () => slept.reduce((sum, ms) => sum + ms, 0),
    complain: () => undefined,
    signal: new AbortController().signal,
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  return { api, io, slept, asked };
}

test("who follows a job and is refused for now waits for as long as the refusal asks", async ({ expect }) => {
  const { api, io, slept } = opposite(ended, busy, nothingLogged);
  const steps: string[] = [];
  for await (const { kind } of followJob({ api, io, job, after: 0, patienceMs: 60_000 })) steps.push(kind);
  expect(steps).toEqual(["view", "lost"]);
  expect(slept).toEqual([12_000]);
});

test("who reads a log as it comes and is refused for now waits for as long as the refusal asks", async ({
  expect,
}) => {
  const atRest = new Response("retry: 30000\n\n", { headers: { "content-type": "text/event-stream" } });
  const { api, io, slept } = opposite(busy, atRest);
  const entries: unknown[] = [];
  const options = { api, io, executionId: job.executionId, after: 0, patienceMs: 60_000 };
  for await (const entry of streamLog(options)) entries.push(entry);
  expect(entries).toEqual([]);
  expect(slept).toEqual([12_000]);
});

test("a wait that is longer than the patience left is no wait: it ends with what was refused", async ({
  expect,
}) => {
  const impatient = { job, executionId: job.executionId, after: 0, patienceMs: 11_999 };
  for (const [begin, ...answers] of [
    [followJob, ended, busy],
    [streamLog, busy],
  ] as const) {
    const { api, io, slept } = opposite(...answers);
    const all = async () => {
      for await (const _step of begin({ ...impatient, api, io }));
    };
    await expect(all()).rejects.toThrow("600 requests a minute are let in");
    expect(slept).toEqual([]);
  }
});

const etag = { etag: 'W/"7"' };
const running = Response.json(makeView({ cursor: 0 }), { headers: etag });
const unchanged = new Response(null, { status: 304, headers: etag });

test("an answer that nothing has changed makes what was read no younger", async ({ expect }) => {
  const { api, io } = opposite(running, nothingLogged, unchanged, nothingLogged, ended, nothingLogged);
  const read: number[] = [];
  for await (const step of followJob({ api, io, job, after: 0, patienceMs: 60_000 }))
    if (step.kind === "view") read.push(step.readAt);
  expect(read).toEqual([0, 0, 400]);
});

test("after a lost connection it is asked without waiting, so that the return is seen at once", async ({
  expect,
}) => {
  const { api, io, asked } = opposite(
    running,
    nothingLogged,
    busy,
    nothingLogged,
    unchanged,
    nothingLogged,
    ended,
    nothingLogged,
  );
  const steps: string[] = [];
  for await (const { kind } of followJob({ api, io, job, after: 0, patienceMs: 60_000 })) steps.push(kind);
  expect(steps).toEqual(["view", "lost", "view", "view"]);
  const waits = asked.filter((url) => url.includes("/jobs/")).map((url) => url.includes("wait=20"));
  expect(waits).toEqual([false, true, false, true]);
});

test("a page of the log that is refused for now is asked for again, the first one not", async ({
  expect,
}) => {
  const page = (after: number) =>
    Response.json({
      executionId: job.executionId,
      events: [
        {
          cursor: after + 1,
          at: 1,
          kind: "phase",
          jobId: job.jobId,
          attempt: 1,
          instance: "i",
          phase: "agent",
        },
      ],
      gaps: [],
      next: after + 1,
      newest: 2,
    });
  const options = { executionId: job.executionId, after: 0, patienceMs: 60_000 };
  const { api, io, slept } = opposite(page(0), busy, page(1));
  const cursors: number[] = [];
  for await (const entry of readLog({ ...options, api, io }))
    if (entry.kind === "event") cursors.push(entry.event.cursor);
  expect(cursors).toEqual([1, 2]);
  expect(slept).toEqual([12_000]);

  const refused = opposite(busy);
  const all = async () => {
    for await (const _entry of readLog({ ...options, ...refused }));
  };
  await expect(all()).rejects.toThrow("600 requests a minute are let in");
  expect(refused.slept).toEqual([]);
});
