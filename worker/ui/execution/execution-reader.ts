/**
 * Reads an execution again and again: one call while nothing changes, and the job and the log only where the execution says
 * that they did. What it has read outlives the choice of another job.
 */
import type { ExecutionView, JobView } from "../../../shared/job-view.ts";
import type { Limits } from "../../../shared/limits.ts";
import type { Client, Failed } from "../../../shared/client/calls.ts";
import type { Asked } from "../live/poller.ts";
import { emptyLog, type KeptLog, takePage } from "./log/kept-log.ts";

export type Read = {
  readonly execution: ExecutionView;
  /** The job that is shown; null where the execution has none of that name. */
  readonly job: JobView | null;
  readonly log: KeptLog;
  /** How far the server's clock is ahead of this one. */
  readonly skewMs: number;
};

/** As many as the API gives at once; the table itself would be a tenth of this page. */
const PAGE_EVENTS = 1_000 satisfies typeof Limits.eventsPerRead;

/** Drawn after so many: a long log is there sooner. */
const PAGES_AT_ONCE = 5;
const STEADY_MS = 1_000;

export type ReaderPorts = {
  readonly executionId: string;
  readonly client: (signal: AbortSignal) => Client<Response>;
  readonly now: () => number;
};

type Tagged<T> = { readonly value: T; readonly etag: string | null };

export type ExecutionReader = {
  /** @param jobId null: the one that matters most at this time */
  readonly ask: (jobId: string | null, signal: AbortSignal, onRead: (read: Read) => void) => Promise<Asked>;
};

export function createExecutionReader({ executionId, client, now }: ReaderPorts): ExecutionReader {
  let execution: Tagged<ExecutionView> | null = null;
  let job: Tagged<JobView> | null = null;
  let log = emptyLog;
  let skewMs = 0;

  const readExecution = async (calls: Client<Response>): Promise<Failed | null> => {
    const reply = await calls.poll("execution", { path: { executionId } }, execution?.etag ?? null);
    if (reply.kind === "failed") return reply;
    if (reply.kind === "answer") {
      const { asOf, cursor, jobs } = reply.value;
      const pastAsOf = execution?.value.asOf ?? asOf;
      // The name is used again after its retention: its log is another.
      const isAnother = jobs.every(({ round, startedAt }) => round === 1 && startedAt > pastAsOf);
      if (isAnother || cursor < log.next) log = emptyLog;
      execution = reply;
      const seen = asOf - now();
      // The way of an answer takes longer or shorter: that is no change of a clock.
      if (Math.abs(seen - skewMs) > STEADY_MS) skewMs = seen;
    }
    return null;
  };

  const readJob = async (calls: Client<Response>, shown: JobView): Promise<Failed | null> => {
    const past = job?.value.id === shown.id ? job : null;
    if (past?.value.revision === shown.revision) {
      // Those of the job that one waits behind move without a revision.
      job = { ...past, value: { ...past.value, deadlines: shown.deadlines } };
      return null;
    }
    const reply = await calls.poll("job", { path: { executionId, jobId: shown.id } }, past?.etag ?? null);
    if (reply.kind === "failed") return reply;
    if (reply.kind === "answer") job = reply;
    return null;
  };

  /** Some pages; the poller comes again at once while there is more. */
  const readLog = async (calls: Client<Response>): Promise<Failed | null> => {
    const newest = execution?.value.cursor ?? 0;
    for (let pages = 0; pages < PAGES_AT_ONCE && log.next < newest; pages += 1) {
      const query = { after: log.next, limit: PAGE_EVENTS };
      const reply = await calls.call("events", { path: { executionId }, query });
      if (reply.kind === "failed") return reply;
      log = takePage(log, reply.value);
    }
    return null;
  };

  return {
    ask: async (wanted, signal, onRead) => {
      const calls = client(signal);
      const failed = await readExecution(calls);
      if (failed !== null) return failed;
      const view = execution?.value;
      if (view === undefined) return answered(false, false);
      const jobId = wanted ?? foremost(view);
      const shown = view.jobs.find(({ id }) => id === jobId);
      const lost = (shown === undefined ? null : await readJob(calls, shown)) ?? (await readLog(calls));
      if (lost !== null) return lost;
      if (!signal.aborted)
        onRead({ execution: view, job: shown === undefined ? null : (job?.value ?? null), log, skewMs });
      const isLive = view.instance !== null || view.jobs.some(({ state }) => state === "running");
      return answered(isLive, log.next < log.newest);
    },
  };
}

/** The one at work, else the one that waits first, else the last. */
export function foremost({
  jobs,
}: {
  readonly jobs: readonly Pick<JobView, "id" | "state" | "status">[];
}): string | null {
  const live = jobs.filter(({ state }) => state === "running");
  const atWork = live.find(({ status }) => status !== "queued");
  return (atWork ?? live[0] ?? jobs.at(-1))?.id ?? null;
}

function answered(isLive: boolean, again: boolean): Asked {
  return { kind: "answered", isLive, nextMs: null, again };
}
