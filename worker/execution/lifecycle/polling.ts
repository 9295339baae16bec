/** A harness that is not heard is read: one that sends no beats, or whose beats do not arrive. */

import type { Attempt, Job, Polling } from "../state.ts";
import { noteOn, patchJob, scaled, type Turn } from "./turn.ts";

export const POLL_MS = 5_000;

const notes = {
  "no-beats": {
    code: "polled",
    text: "this harness sends no beats and is read every few seconds: there is no last checkpoint at a stop, no extension of its own timers, no log tail, and the agent beside it could report for it",
  },
  unheard: {
    code: "beats-unheard",
    text: "the harness answers and its beats do not arrive: it is read every few seconds until they do",
  },
} as const satisfies Record<Polling["why"], { readonly code: string; readonly text: string }>;

export function beginPolling(turn: Turn, job: Job, current: Attempt, why: Polling["why"]): void {
  const polling = { why, nextAt: turn.now + scaled(job, POLL_MS), heartbeatAt: 0 };
  const polled = patchJob(turn, job.jobId, { current: { ...current, polling } });
  noteOn(turn, polled, notes[why].code, notes[why].text);
}

export function pollDue(turn: Turn, job: Job, current: Attempt): void {
  if (current.polling === null) return;
  const nextAt = turn.now + scaled(job, POLL_MS);
  patchJob(turn, job.jobId, { current: { ...current, polling: { ...current.polling, nextAt } } });
  turn.effects.push({ kind: "poll", instance: current.instance, jobId: job.jobId, attempt: job.attempt });
}
