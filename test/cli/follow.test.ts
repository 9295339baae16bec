import { test } from "vitest";
import { followJob } from "../../cli/follow.ts";
import { streamLog } from "../../cli/log-reader.ts";
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
  const api = createClient({
    url: "https://holt.example",
    token: "t",
    send: () => {
      const answer = left.shift();
      if (answer === undefined) throw new Error("asked once more than there are answers");
      return Promise.resolve(answer.clone());
    },
  });
  const io = {
    now: () => 0,
    complain: () => undefined,
    signal: new AbortController().signal,
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  return { api, io, slept };
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
