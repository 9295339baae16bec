import { isTerminal, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import { type Ledger, roundKey, type Seen } from "../ledger.ts";

export const outcomeChecks: readonly Check[] = [
  { promise: "invariant 1", check: oneOutcomePerRound },
  { promise: "lifecycle", check: onlyKnownMoves },
  { promise: "invariant 2", check: revisionsAndCursorsGrow },
];

function oneOutcomePerRound({ after, before, stepped }: Seen, ledger: Ledger): string | null {
  for (const job of after?.jobs ?? []) {
    if (before !== null && jobOf(before, job.jobId) === job) continue;
    if (isTerminal(job.status) !== (job.end !== null))
      return `${job.status} with end ${JSON.stringify(job.end)}`;
    const round = ledger.rounds.get(roundKey(job));
    if (round === undefined || job.end === null) {
      if (round?.end != null) return `${roundKey(job)} had ended and lives`;
      continue;
    }
    const end = JSON.stringify([job.status, job.end]);
    const told = stepped.events.filter((each) => each.kind === "terminal" && each.jobId === job.jobId).length;
    if (round.end === null && told !== 1) return `the end of ${roundKey(job)} was told ${told} times`;
    if (round.end !== null && (end !== round.end || told > 0))
      return `the end of ${roundKey(job)} was ${round.end} and is ${end}`;
    round.end = end;
  }
  return null;
}

/** From which status a job may come to which, within one round. */
const moves: Readonly<Record<string, readonly string[]>> = {
  queued: ["starting", "failed", "cancelled", "evicted"],
  starting: ["queued", "running", "recovering", "stopping", "done", "failed", "cancelled", "evicted"],
  // Its container proved dead already, it recovers and starts, or waits to, in one step.
  running: ["recovering", "starting", "queued", "stopping", "done", "failed", "evicted", "cancelled"],
  recovering: ["queued", "starting", "stopping", "done", "failed", "cancelled", "evicted"],
  stopping: ["done", "failed", "cancelled", "evicted"],
};

function onlyKnownMoves({ after, before }: Seen): string | null {
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (old === job) continue;
    if (old === null || old.round !== job.round) {
      if (old !== null && (old.end === null || job.round !== old.round + 1))
        return `round ${job.round} of ${job.jobId}`;
      if (old !== null && job.attempt < old.attempt) return `attempts of ${job.jobId} begin anew`;
      continue;
    }
    // One input may bring a job on by several moves: accepted and ended by one beat, stopped and proved dead at once.
    if (old.status === job.status || moves[old.status]?.includes(job.status) === true) continue;
    return `${job.jobId} went from ${old.status} to ${job.status}`;
  }
  const live = after?.jobs.filter((job) => !isTerminal(job.status)) ?? [];
  const second = live.slice(1).find(({ status }) => status !== "queued");
  return second === undefined ? null : `${second.jobId} is ${second.status} behind another job`;
}

function revisionsAndCursorsGrow({ after, before, input, stepped }: Seen): string | null {
  if (after === null) return null;
  const first = before?.cursor ?? 0;
  if (stepped.events.some(({ cursor }, index) => cursor !== first + index + 1))
    return "cursors are not dense";
  if (after.cursor !== first + stepped.events.length)
    return "the newest cursor is not that of the newest event";
  if (after === before || input.kind === "take") return null;
  if (after.revision <= (before?.revision ?? 0)) return "the revision of the execution does not grow";
  for (const job of after.jobs) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (old !== job && job.revision <= (old?.revision ?? 0))
      return `the revision of ${job.jobId} does not grow`;
  }
  return null;
}
