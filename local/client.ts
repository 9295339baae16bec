/** A thin client of the Worker for the local programs: dispatch, and follow one job to its end. */
import type * as z from "zod";
import { DispatchAnswer, JobView } from "../shared/job-view.ts";
import { EventsPage, type ExecutionEvent } from "../shared/events.ts";
import { ErrorBody } from "../shared/errors.ts";

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
  readonly events: (executionId: string, after: number) => Promise<readonly ExecutionEvent[]>;
};

export function createClient(url: string, token: string): Client {
  const call = async <T>(schema: z.ZodType<T>, path: string, init: RequestInit = {}): Promise<T | null> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(`${url}${path}`, { ...init, headers });
    if (response.status === 304) return null;
    const body: unknown = await response.json();
    if (response.ok) return schema.parse(body);
    const refused = ErrorBody.safeParse(body);
    throw new Error(
      refused.success ? `${refused.data.code}: ${refused.data.error}` : `HTTP ${response.status}`,
    );
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
    events: async (executionId, after) =>
      (await needed(call(EventsPage, `/v1/executions/${executionId}/events?after=${after}`))).events,
  };
}
