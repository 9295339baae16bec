import type { Job } from "../state.ts";

/** Beats per silence window: the window stands for four missed beats and some slack of the network. */
const BEATS_PER_SILENCE = 4.5;

/** Of the 20 beats a second that an execution takes, some are left for what cannot wait. */
const LEAST_MS = 60;

/** How often the harness is to beat. */
export function nextBeatMs(job: Job): number {
  return Math.max(LEAST_MS, Math.round(job.policy.silenceMs / BEATS_PER_SILENCE));
}
