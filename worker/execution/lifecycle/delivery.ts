import { refuse } from "../../../shared/errors.ts";
import type { Happening } from "../input.ts";
import { RELEASED_GRACE_MS } from "../deadlines.ts";
import { isTerminal, type Job, jobOf, type Spans } from "../state.ts";
import { patchJob, type Turn } from "./turn.ts";

/** Answers within this time of each other carry the same spans: the first may have been lost on its way. */
const SAME_OFFER_MS = 1_000;

/** For so many reads at most an ended job reads as running while its last telemetry is handed out. */
const HELD_READS_MAX = 3;

/**
 * The plain read of the job protocol. Spans stay on offer until a read that starts more than a second later; follow-ups
 * are offered once. An end beside which not all of them fit is held back for a few reads. A read that carries the end
 * delivers it.
 */
export function onTake(turn: Turn, { jobId, running, ended }: Extract<Happening, { kind: "take" }>): void {
  const job = jobOf(turn.state, jobId);
  if (job === null) {
    turn.reply = { kind: "refused", refusal: refuse("job-not-found", "job not found") };
    return;
  }
  const { spans } = job;
  const same = isSameOffer(spans, turn.now);
  const hasEnded = carriesEnd(job, turn.now);
  const held = hasEnded && !ended.all && spans.held < HELD_READS_MAX;
  const fits = hasEnded && !held ? ended : running;
  const from = offerFrom(spans, turn.now);
  const to = Math.min(spans.newest, fits.spansThrough);
  turn.reply = {
    kind: "taken",
    held,
    spans: { from, to },
    followUps: { after: job.followUpsOffered, through: fits.followUpsThrough },
  };
  patchJob(turn, jobId, {
    spans: {
      ...spans,
      from,
      to,
      offeredAt: same ? spans.offeredAt : turn.now,
      held: spans.held + (held && !same ? 1 : 0),
    },
    followUpsOffered: fits.followUpsThrough,
    delivered: job.delivered || (hasEnded && !held),
  });
}

/** The first span that a read at this moment offers. */
export function offerFrom(spans: Spans, now: number): number {
  return isSameOffer(spans, now) ? spans.from : spans.to + 1;
}

function isSameOffer(spans: Spans, now: number): boolean {
  return spans.offeredAt !== null && now - spans.offeredAt <= SAME_OFFER_MS;
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
