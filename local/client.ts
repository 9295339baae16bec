/** A thin client of the Worker for the local programs: dispatch, and follow one job to its end. */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createApiClient, type Polled, type Reply } from "../shared/client.ts";
import { insist } from "../shared/client/insist.ts";
import type { NativeDispatch } from "../shared/dispatch.ts";
import type { EventsPage } from "../shared/events.ts";
import type { DispatchAnswer, JobView } from "../shared/job-view.ts";

export type Client = {
  readonly dispatch: (executionId: string, body: NativeDispatch) => Promise<DispatchAnswer>;
  /** The plain read of the job protocol. */
  readonly take: (jobId: string) => Promise<JobView>;
  /** Waits up to `waitSeconds` for a change of the revision; null where there was none. */
  readonly readAfter: (
    jobId: string,
    after: number,
    revision: number | null,
    waitSeconds: number,
  ) => Promise<JobView | null>;
  readonly events: (executionId: string, after: number) => Promise<EventsPage>;
};

const RETRY_DELAYS_MS = [250, 500, 1_000, 2_000];

/** Reads, and dispatches of one job, may be repeated; what is worth repeating is. Rejects when `signal` is aborted. */
export function createClient(url: string, token: string, signal: AbortSignal): Client {
  const api = createApiClient({ url, token, send: (to, sent) => fetch(to, { ...sent, signal }) });
  /** Null where nothing has changed. */
  const ask = async <T>(request: () => Promise<Polled<T>>): Promise<T | null> => {
    const reply = await insist(request, {
      delaysMs: RETRY_DELAYS_MS,
      sleep: (ms) => sleep(ms, undefined, { signal }),
    });
    signal.throwIfAborted();
    if (reply.kind === "failed") throw new Error(`${reply.failure.code}: ${reply.failure.error}`);
    return reply.kind === "answer" ? reply.value : null;
  };
  const needed = async <T>(request: () => Promise<Reply<T>>): Promise<T> => {
    const value = await ask(request);
    if (value === null) throw new Error("the Worker answered 304 to a request without a condition");
    return value;
  };
  return {
    dispatch: (executionId, body) => needed(() => api.call("dispatch", { path: { executionId }, body })),
    take: (jobId) => needed(() => api.call("read-job", { path: { jobId } })),
    readAfter: (jobId, after, revision, wait) =>
      ask(() =>
        api.poll(
          "read-job",
          { path: { jobId }, query: { after, wait } },
          revision === null ? null : `"${revision}"`,
        ),
      ),
    events: (executionId, after) =>
      needed(() => api.call("events", { path: { executionId }, query: { after } })),
  };
}
