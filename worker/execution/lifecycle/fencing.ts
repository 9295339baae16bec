/** When an attempt is stale. */

import type { Beat } from "../../../shared/beat.ts";
import { type Attempt, type ExecutionState, isLive, type Job, jobOf } from "../state.ts";

/**
 * Who a beat comes from. An attempt is replaced when its successor's instance is written, not when its container ends:
 * until then it may still bring the end.
 */
export type Speaker =
  /** The attempt at work, or the one that was lost and is not replaced yet. */
  | { readonly kind: "current"; readonly job: Job; readonly current: Attempt }
  /** An attempt that has ended, in the container that lives: it is told so, and changes nothing. */
  | { readonly kind: "ended"; readonly job: Job; readonly ack: number }
  /** Of another instance, boot or attempt: whatever it says is void. */
  | { readonly kind: "stale" };

const stale: Speaker = { kind: "stale" };

export function speakerOf(state: ExecutionState, beat: Beat): Speaker {
  const job = jobOf(state, beat.jobId);
  const { instance } = state;
  if (job === null || instance?.id !== beat.instance) return stale;
  const { current, past } = job;
  if (past?.attempt === beat.attempt && past.instance === beat.instance) {
    return { kind: "ended", job, ack: past.ack };
  }
  if (current === null || beat.attempt !== job.attempt || beat.instance !== current.instance) return stale;
  if (!isLive(job)) return { kind: "ended", job, ack: current.ack };
  if (current.boot !== null && beat.boot !== current.boot) return stale;
  return { kind: "current", job, current };
}

/** Only the attempt that is current may speak for its job. */
export function attemptOf(
  state: ExecutionState,
  jobId: string,
  attempt: number,
): { readonly job: Job; readonly current: Attempt } | null {
  const job = jobOf(state, jobId);
  return job?.current && job.attempt === attempt ? { job, current: job.current } : null;
}
