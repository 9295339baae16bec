import { refuse } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import { isTerminal, type Job, jobOf, type Spans } from "../state.ts";
import { patchJob, type Turn } from "./turn.ts";

/** Answers within this time of each other carry the same spans: the first may have been lost on its way. */
const SAME_OFFER_MS = 1_000;

/** How long a released job of the job protocol reads as stopping; then as a crash, on which its clients resume. */
export const RELEASED_GRACE_MS = 90_000;

/**
 * The plain read of the job protocol. Spans stay on offer until a read that starts more than a second later; follow-ups
 * are offered once; a read that carries the end delivers it. The end repeats the newest spans.
 */
export function onTake(turn: Turn, jobId: string): void {
  const job = jobOf(turn.state, jobId);
  if (job === null) {
    turn.reply = { kind: "refused", refusal: refuse("job-not-found", "job not found") };
    return;
  }
  const ended = carriesEnd(job, turn.now);
  const spans = nextOffer(job.spans, turn.now);
  const repeated = Math.max(1, job.spans.newest - Limits.spansPerTerminalRead + 1);
  turn.reply = {
    kind: "taken",
    spans: { from: ended ? Math.min(spans.from, repeated) : spans.from, to: spans.to },
    followUpsAfter: job.followUpsOffered,
  };
  patchJob(turn, jobId, {
    spans,
    followUpsOffered: turn.state.cursor,
    delivered: job.delivered || ended,
  });
}

/** Whether a read of the job protocol at this moment shows the job as ended. */
export function carriesEnd(job: Job, now: number): boolean {
  if (!isTerminal(job.status)) return false;
  return !(job.releasedAt !== null && readsAsStopping(job, now));
}

/** A released job reads as stopping for a while, so that neither a stop nor a resume under way is disturbed. */
export function readsAsStopping(job: Job, now: number): boolean {
  return (
    job.door === "job" &&
    job.releasedAt !== null &&
    job.end?.outcome.code === "released" &&
    now < job.releasedAt + RELEASED_GRACE_MS
  );
}

function nextOffer(spans: Spans, now: number): Spans {
  const same = spans.offeredAt !== null && now - spans.offeredAt <= SAME_OFFER_MS;
  const from = same ? spans.from : spans.to + 1;
  const to = Math.min(spans.newest, from + Limits.spansPerRead - 1);
  return { ...spans, from, to, offeredAt: same ? spans.offeredAt : now };
}
