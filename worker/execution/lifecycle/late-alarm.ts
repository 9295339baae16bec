/** An observer that was itself asleep does not convict: what it has missed is still on its way. */

import { deadlines } from "../deadlines.ts";
import { toolSilenceOnceItPrints } from "../deadlines/evidence.ts";
import { forgiveLateness, forgiveUnprobed, type Passed } from "../deadlines/forgiving.ts";
import { activeJob, type EvidenceDeadline, type Job, jobOf } from "../state.ts";
import { nextBeatMs } from "./pace.ts";
import { patchInstance, patchJob, type Turn } from "./turn.ts";

const restOnEvidence = ["starting", "silence", "step", "inactivity", "tool-silence"] as const;

/**
 * Before a tick acts on anything: no evidence counts as missing before retried beats had their time, also where its
 * deadline would pass only soon after the late alarm.
 *
 * @param lateMs since the earliest of all deadlines that had passed: from then on nobody looked
 */
export function waitForRetriedBeats(turn: Turn, lateMs: number): void {
  const active = activeJob(turn.state);
  if (active === null) return;
  const until = turn.now + nextBeatMs(active);
  const soon = deadlines(turn.state).filter(({ at, jobId }) => jobId === active.jobId && at <= until);
  for (const name of restOnEvidence) {
    // Where a first question failed, the second one is what silence waits for.
    const standing = soon.find(
      (each) => each.name === name || (name === "silence" && each.name === "question"),
    );
    const at = standing?.at ?? (name === "tool-silence" ? toolSilenceOnceItPrints(active) : null);
    const job = jobOf(turn.state, active.jobId);
    if (job !== null && at !== null && at <= until) forgive(turn, job, { name, at, lateMs, now: turn.now });
  }
}

function forgive(turn: Turn, job: Job, passed: Passed & { readonly name: EvidenceDeadline }): void {
  const { current } = job;
  if (current === null) {
    forgiveStart(turn, job, passed);
    return;
  }
  const forgiven = forgiveLateness(job, current, passed);
  if (forgiven === null) return;
  // Of one question that failed before the sleep nothing is concluded after it: the harness is asked anew.
  const question = passed.name === "silence" ? null : current.question;
  patchJob(turn, job.jobId, { current: { ...current, forgiven, question } });
}

/** Nobody asks a container whether it is ready while its object sleeps. */
function forgiveStart(turn: Turn, job: Job, passed: Passed): void {
  const { instance } = turn.state;
  const forgivenUntil = instance === null ? null : forgiveUnprobed(job, instance, passed);
  if (forgivenUntil !== null) patchInstance(turn, { forgivenUntil });
}
