import { activeJob, isLive, type Job, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import { type Ledger, roundKey, type Seen } from "../ledger.ts";

export const stopChecks: readonly Check[] = [
  { promise: "invariant 16", check: cancelsAreStored },
  { promise: "invariant 16", check: nothingBeginsAfterACancel },
  { promise: "invariant 16", check: cancelsWinWithProof },
  { promise: "invariant 8", check: callersAreAnswered },
];

/** The patience with a death that cannot be proved. */
const UNPROVEN_MS = 20 * 60_000;

/** Until when whoever dispatched a job waits for its verdict. */
function callerLeavesAt({ acceptedAt, door }: Job): number {
  return door === "job" ? acceptedAt + 65 * 60_000 : Number.POSITIVE_INFINITY;
}

/** A stop whose container's death is not proved is given up in time for its caller. */
function callersAreAnswered({ after, input, now }: Seen): string | null {
  const job = input.kind !== "tick" || after === null ? null : activeJob(after);
  if (job?.stop?.stage !== "destroy" || after?.instance == null || after.instance.exit !== null) return null;
  const leavesAt = Math.max(callerLeavesAt(job), job.stop.stageAt + 15_000 * job.policy.scale);
  return now < leavesAt ? null : `${job.jobId} keeps its caller waiting for a proof`;
}

function cancelsAreStored({ after, before, input }: Seen): string | null {
  if (input.kind !== "cancel" || before === null || after === null) return null;
  const job = jobOf(before, input.jobId);
  if (job === null || !isLive(job)) return null;
  const next = jobOf(after, input.jobId);
  if (next?.stop === null || next?.stop.kind === "deadline") return "a cancel was not stored";
  const { instance } = after;
  const isHeld = instance !== null && instance.intent === null && instance.exit === null;
  // A container that is only starting must not come up for a job that is to end.
  return isHeld && next?.status === "stopping" && job.status === "starting"
    ? "a cancel did not forbid the start"
    : null;
}

function nothingBeginsAfterACancel({ after, stepped }: Seen): string | null {
  if (!stepped.effects.some(({ kind }) => kind === "start" || kind === "post")) return null;
  const job = after === null ? null : activeJob(after);
  return job === null || job.stop !== null ? "a start is wanted for a job that is to end" : null;
}

function cancelsWinWithProof({ after, before, now, site }: Seen, { rounds }: Ledger): string | null {
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (job.end === null || old === null || old.end !== null) continue;
    const { code } = job.end.outcome;
    if (code === "stop-unproven") {
      const waited = now - (old.stop?.at ?? now);
      const stageMs = now - (old.stop?.stageAt ?? now);
      if (stageMs < 15_000 * job.policy.scale)
        return `${job.jobId} was given up ${stageMs} ms after its destroy was asked for`;
      if (waited < UNPROVEN_MS * job.policy.scale && now < callerLeavesAt(job))
        return `${job.jobId} was given up after ${waited} ms`;
      continue;
    }
    if ((rounds.get(roundKey(job))?.stopAskedAt ?? null) === null) continue;
    if (code !== "cancelled" && code !== "released") return `${job.jobId} was to end and is ${code}`;
    const instance = old.current?.instance ?? before?.instance?.id;
    const lives = old.status !== "queued" && site.platform.of(instance)?.isAlive === true;
    if (lives) return `${job.jobId} is ${code} while its container lives`;
  }
  return null;
}
