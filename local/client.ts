/** A thin client of the Worker for the local programs: dispatch, and follow one job to its end. */
import { setTimeout as sleep } from "node:timers/promises";
import type * as z from "zod";
import { DispatchAnswer, JobView } from "../shared/job-view.ts";
import { EventsPage } from "../shared/events.ts";
import { ErrorBody, Errors } from "../shared/errors.ts";
import { parseJson } from "./json.ts";

export type Client = {
  readonly dispatch: (body: Record<string, unknown>) => Promise<DispatchAnswer>;
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

/** Reads, and dispatches of one job, may be repeated; what is worth repeating is. Rejects when `signal` is aborted. */
export function createClient(url: string, token: string, signal: AbortSignal): Client {
  const call = <T>(schema: z.ZodType<T>, path: string, init: RequestInit = {}): Promise<T | null> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return insist(() => ask(schema, `${url}${path}`, { ...init, headers, signal }), signal);
  };
  const needed = async <T>(answer: Promise<T | null>): Promise<T> => {
    const value = await answer;
    if (value === null) throw new Error("the Worker answered 304 to a request without a condition");
    return value;
  };
  const jobPath = (jobId: string): string => `/jobs/${encodeURIComponent(jobId)}`;
  return {
    dispatch: (body) =>
      needed(
        call(DispatchAnswer, "/jobs", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      ),
    take: (jobId) => needed(call(JobView, jobPath(jobId))),
    readAfter: (jobId, after, revision, waitSeconds) =>
      call(JobView, `${jobPath(jobId)}?after=${after}&wait=${waitSeconds}`, {
        headers: revision === null ? {} : { "if-none-match": `"${revision}"` },
      }),
    events: (executionId, after) =>
      needed(call(EventsPage, `/v1/executions/${executionId}/events?after=${after}`)),
  };
}

const RETRY_DELAYS_MS = [250, 500, 1_000, 2_000];

/** Tries once more what may succeed then; rejects with the last failure, or when `signal` is aborted. */
async function insist<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (!isRetryable(error)) throw error;
      await sleep(delayMs, undefined, { signal });
    }
  }
  return request();
}

/** A TypeError is fetch's word for a connection that failed, as while wrangler starts the Worker anew. */
function isRetryable(error: unknown): boolean {
  return error instanceof Refused ? error.isRetryable : error instanceof TypeError;
}

class Refused extends Error {
  readonly isRetryable: boolean;
  constructor(message: string, isRetryable: boolean) {
    super(message);
    this.isRetryable = isRetryable;
  }
}

async function ask<T>(schema: z.ZodType<T>, url: string, init: RequestInit): Promise<T | null> {
  const response = await fetch(url, init);
  if (response.status === 304) return null;
  const text = await response.text();
  const refused = ErrorBody.safeParse(parseJson(text));
  if (response.ok) return schema.parse(parseJson(text));
  if (!refused.success) throw new Refused(`HTTP ${response.status}: ${text.slice(0, 200)}`, true);
  const { code, error } = refused.data;
  throw new Refused(`${code}: ${error}`, Errors[code].retryable);
}
