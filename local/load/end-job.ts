/** Ends one job of a load as anybody would: by a cancel, until its card says that it has ended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../../shared/client.ts";
import { insist } from "../../shared/client/insist.ts";
import type { PlannedJob } from "./plan.ts";
import type { CardFeed } from "./scene.ts";

export type EndJobOptions = {
  readonly api: Client;
  readonly job: Pick<PlannedJob, "executionId" | "jobId">;
  readonly feed: CardFeed;
  readonly reason: string;
  /** How long a stop is waited for. */
  readonly withinMs: number;
  /** Waits between tries of the cancel. */
  readonly delaysMs: readonly number[];
  readonly signal: AbortSignal;
};

/** Rejects where the cancel is refused and where the job does not end in time. */
export async function endJob(options: EndJobOptions): Promise<void> {
  const { api, job, feed, reason, withinMs, delaysMs, signal } = options;
  const { executionId, jobId } = job;
  const reply = await insist(() => api.call("cancel", { path: { executionId, jobId }, body: { reason } }), {
    delaysMs,
    sleep: (ms) => sleep(ms, undefined, { signal }),
  });
  if (reply.kind === "failed") throw new Error(`cancel: ${reply.failure.error}`);
  const waiting = new AbortController();
  const ended = feed.until(({ endedAt }) => endedAt !== null).then(() => true);
  const late = sleep(withinMs, false, { signal: AbortSignal.any([signal, waiting.signal]) });
  try {
    if (await Promise.race([ended, late])) return;
  } finally {
    late.catch(() => undefined);
    waiting.abort();
  }
  throw new Error(`cancelled, and still there after ${Math.round(withinMs / 1_000)} s`);
}
