/** A job and its log from where they are to the job's end, over any loss of the connection. */
import type { CallFailure, Failed, Polled } from "../shared/client.ts";
import { entriesOf, type LogEntry } from "../shared/events.ts";
import type { JobView } from "../shared/job-view.ts";
import { Limits } from "../shared/limits.ts";
import { failed } from "./exit-code.ts";
import type { Api } from "./server.ts";
import type { Io } from "./system.ts";
import type { JobTarget } from "./target.ts";

export type Step =
  /** `readAt` is when it was answered; an answer that nothing has changed makes what was read no younger. */
  | { readonly kind: "view"; readonly view: JobView; readonly readAt: number }
  | { readonly kind: "entries"; readonly entries: readonly LogEntry[] }
  /** Nothing is heard since; it is tried again. */
  | { readonly kind: "lost"; readonly failure: CallFailure; readonly since: number };

export type FollowOptions = {
  readonly api: Api;
  readonly io: Pick<Io, "now" | "sleep">;
  readonly job: JobTarget;
  /** Cursor of the log to begin after. */
  readonly after: number;
  /** How long a lost connection is tried again. */
  readonly patienceMs: number;
};

const WAIT_SECONDS = 20;
/** Keeps a busy job within the rate of one caller: two requests each time. */
const PACE_MS = 400;
const BACKOFF_MS = [250, 500, 1_000, 2_000, 4_000];

/**
 * Ends with the view of the job's end, after everything that the log has up to it. Throws where the first read fails, where
 * what is refused would be refused again, and where the connection stays lost.
 */
export async function* followJob(options: FollowOptions): AsyncGenerator<Step, JobView, undefined> {
  const { api, io, job } = options;
  const path = { executionId: job.executionId, jobId: job.jobId };
  const first = await api.call("job", { path });
  if (first.kind === "failed") throw failed(first.failure);
  let { value: view, etag } = first;
  let readAt = io.now();
  let cursor = options.after;
  let lostSince: number | null = null;
  let tries = 0;
  yield { kind: "view", view, readAt };
  for (;;) {
    const read = await readLog(options, cursor);
    if (read.entries.length > 0) yield { kind: "entries", entries: read.entries };
    cursor = read.next;
    if (read.failed === null && view.state !== "running" && cursor >= view.cursor) return view;
    // After a loss it is asked without waiting: something on the way may take a quiet request for a dead one.
    const mayWait = view.state === "running" && lostSince === null;
    const query = mayWait ? { wait: WAIT_SECONDS } : {};
    const reply: Polled<JobView> = read.failed ?? (await api.poll("job", { path, query }, etag));
    if (reply.kind === "failed") {
      lostSince ??= io.now();
      tries += 1;
      const leftMs = options.patienceMs - (io.now() - lostSince);
      const { retryAfterMs = 0 } = reply;
      if (!reply.failure.retryable || leftMs <= retryAfterMs) throw failed(reply.failure);
      yield { kind: "lost", failure: reply.failure, since: lostSince };
      const backoffMs = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length) - 1] ?? 0;
      await io.sleep(Math.max(backoffMs, retryAfterMs));
      continue;
    }
    lostSince = null;
    tries = 0;
    if (reply.kind === "answer") {
      ({ value: view, etag } = reply);
      readAt = io.now();
    }
    yield { kind: "view", view, readAt };
    await io.sleep(PACE_MS);
  }
}

type LogRead = {
  readonly entries: readonly LogEntry[];
  readonly next: number;
  readonly failed: Failed | null;
};

/** Page by page up to the newest: a burst of output is longer than one page. */
async function readLog({ api, job }: FollowOptions, after: number): Promise<LogRead> {
  const entries: LogEntry[] = [];
  let next = after;
  for (;;) {
    const query = { after: next, limit: Limits.eventsPerRead };
    const reply = await api.call("events", { path: { executionId: job.executionId }, query });
    if (reply.kind === "failed") return { entries, next, failed: reply };
    const page = reply.value;
    entries.push(...entriesOf(page));
    if (page.next === next || page.next >= page.newest) return { entries, next: page.next, failed: null };
    next = page.next;
  }
}

/** Whether a line of the execution's log is about a job's newest round; what is about no job is about all. */
export function isAbout(entry: LogEntry, { id, round }: Pick<JobView, "id" | "round">): boolean {
  if (entry.kind === "gap") return true;
  const { jobId, round: told } = entry.event;
  return jobId === null || (jobId === id && (told == null || told === round));
}
