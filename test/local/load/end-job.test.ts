import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { test } from "vitest";
import { endJob } from "../../../local/load/end-job.ts";
import { makeCardFeed } from "../../../local/load/scene.ts";
import { createClient } from "../../../shared/client.ts";
import type { ErrorCode } from "../../../shared/errors.ts";
import { endedCard, liveCard } from "./cards.ts";

const job = { executionId: "shop_x01", jobId: "shop_x01-coder" };
const accepted = Response.json({ jobId: job.jobId, state: "running", status: "stopping" });
const refused = (status: number, code: ErrorCode, error: string): Response =>
  Response.json({ error, code, requestId: "req_1" }, { status });

/** A job at work, of a Worker that answers a cancel with these, one after the other. */
function atWork(...answers: readonly Response[]) {
  const left = [...answers];
  const feed = makeCardFeed();
  feed.take(liveCard());
  const send = (): Promise<Response> => {
    const answer = left.shift();
    if (answer === undefined) throw new Error("asked once more than there are answers");
    return Promise.resolve(answer.clone());
  };
  const api = createClient({ url: "https://holt.example", token: "t", send });
  const signal = new AbortController().signal;
  return { left, feed, ending: { api, job, feed, reason: "over", withinMs: 600_000, delaysMs: [0], signal } };
}

test("a job that is cancelled has ended when its card says so", async ({ expect }) => {
  const { feed, ending } = atWork(accepted);
  const order: string[] = [];
  const ended = endJob(ending).then(() => order.push("over"));
  feed.take(liveCard({ status: "stopping" }));
  // The answer to the cancel is there by then.
  await turnOfTheLoop();
  order.push("card");
  feed.take(endedCard("cancelled"));
  await ended;
  expect(order).toEqual(["card", "over"]);
});

test("a cancel that may succeed then is asked for again", async ({ expect }) => {
  const { left, feed, ending } = atWork(refused(500, "internal-error", "not now"), accepted);
  const ended = endJob(ending);
  feed.take(endedCard("cancelled"));
  await ended;
  expect(left).toEqual([]);
});

test("a cancel that is refused is an error in the Worker's words, and nothing is waited for", async ({
  expect,
}) => {
  const { ending } = atWork(refused(403, "forbidden", "this token's scopes do not include 'dispatch'"));
  await expect(endJob(ending)).rejects.toThrow("cancel: this token's scopes do not include 'dispatch'");
});

test("a job that does not end is waited for no longer than its time", async ({ expect }) => {
  const { feed, ending } = atWork(accepted);
  feed.take(liveCard({ status: "stopping" }));
  await expect(endJob({ ...ending, withinMs: 20 })).rejects.toThrow("cancelled, and still there after 0 s");
});
