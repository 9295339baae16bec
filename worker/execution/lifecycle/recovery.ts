/** What is retried: an attempt whose container was lost, within the budgets of its round. */

import type { Outcome } from "../../../shared/outcomes.ts";
import { Limits } from "../../../shared/limits.ts";
import type { Exit, Job } from "../state.ts";
import { describeExit, finishAsTold, finishEvicted } from "./ending.ts";
import { noteUnknownGap } from "./unsent.ts";
import { emit, noteOn, patchJob, type Turn } from "./turn.ts";

/** Starts per execution within an hour; a further one waits. */
export const STARTS_PER_HOUR = 8;
const HOUR_MS = 3_600_000;

/** What the end of a container means that nobody here asked to end: what only a fault of its own explains is a crash. */
export function evictionOf(exit: Exit): "crash" | "transient" {
  return exit.cause === "exited" || exit.cause === "oom" ? "crash" : "transient";
}

/** Whether a lost attempt is followed by another. A job that is to end anyway gets none. */
export function mayRecover(job: Job, evicted: "crash" | "transient"): boolean {
  const { recovery, budgets } = job.policy;
  if (job.stop !== null || recovery === "report") return false;
  if (recovery === "heal-once" && job.recoveries.length > 0) return false;
  return job.recoveries.filter((each) => each.evicted === evicted).length < budgets[evicted];
}

/**
 * The verdict on an attempt whose container is lost: the job gets another one, counted before it is made, or is
 * reported. The lost container is proved dead before the next is started, and may bring the end until then.
 */
export function judgeLoss(turn: Turn, job: Job, exit: Exit, evidence: Outcome["evidence"]): void {
  const evicted = evictionOf(exit);
  const heals = mayRecover(job, evicted);
  const decision = job.current?.endTold === undefined ? (heals ? "recover" : "report") : "as-told";
  emit(turn, "verdict", { cause: exit.cause, code: exit.code, by: exit.by, decision, evidence }, { job });
  const told =
    job.current === null ? job : noteUnknownGap(turn, job, "events not yet sent when the container ended");
  // A job that was done is not done again because its container went before the last beat.
  if (job.current?.endTold !== undefined) finishAsTold(turn, told, job.current.endTold);
  else if (heals) recover(turn, told, { exit, evicted });
  else finishEvicted(turn, told, exit, { evicted, evidence });
}

/** When a start may be tried; null where it may be at once. */
export function nextStartAt(starts: readonly number[], now: number): number | null {
  const recent = startsWithinAnHour(starts, now);
  const oldest = recent[0];
  return recent.length < STARTS_PER_HOUR || oldest === undefined ? null : oldest + HOUR_MS;
}

export function startsWithinAnHour(starts: readonly number[], now: number): readonly number[] {
  return starts.filter((at) => now - at < HOUR_MS).slice(-STARTS_PER_HOUR);
}

export function countStart(turn: Turn): void {
  const { now, state } = turn;
  turn.state = { ...state, starts: startsWithinAnHour([...state.starts, now], now) };
}

function recover(
  turn: Turn,
  job: Job,
  { exit, evicted }: { readonly exit: Exit; readonly evicted: "crash" | "transient" },
): void {
  const { now } = turn;
  const { current } = job;
  const spent = job.recoveries.filter((each) => each.evicted === evicted).length + 1;
  const why = describeExit(exit);
  const recovery = {
    at: now,
    attempt: job.attempt,
    instance: current?.instance ?? "",
    evicted,
    exit,
    why,
  };
  const recovering = patchJob(turn, job.jobId, {
    status: "recovering",
    phase: "recovering",
    queuedSince: now,
    recoveries: [...job.recoveries, recovery].slice(-Limits.recoveriesPerRound),
    starts: { failed: 0, refused: 0, retryAt: null, lastError: null },
    containerMs: job.containerMs + (current === null ? 0 : now - current.startedAt),
    current: current === null ? null : { ...current, question: null, polling: null, lostAt: now },
  });
  const budget = `${evicted} ${spent} of ${job.policy.budgets[evicted]}`;
  noteOn(
    turn,
    recovering,
    "recovering",
    `${why}; another attempt follows attempt ${job.attempt} (${budget})`,
  );
}
