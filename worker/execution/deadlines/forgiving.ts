/** What rests on missing evidence waits where the alarm itself was late: an observer that was asleep does not convict. */

import { stepLimitMs } from "../../../shared/steps.ts";
import { isAgentPhase } from "../../../shared/watchdogs.ts";
import { nextBeatMs } from "../lifecycle/pace.ts";
import type { Attempt, EvidenceDeadline, Forgiven, Instance, Job } from "../state.ts";

/** When a deadline was due, and how late the alarm was that found it. */
export type Passed = {
  readonly at: number;
  readonly now: number;
  /** Since the earliest of all deadlines that had passed: from then on nobody looked. */
  readonly lateMs: number;
};

/** Since when a deadline's evidence is missing; null where it does not stand. */
export function missingSince(job: Job, current: Attempt, name: EvidenceDeadline): number | null {
  const { outputAt, phase, policy } = job;
  if (name === "silence") return current.aliveAt;
  if (name === "starting") return current.startedAt;
  // That the harness has gone on to another phase is only known from what it tells.
  if (name === "step") return stepLimitMs(phase, policy) === null ? null : current.phaseSince;
  if (!isAgentPhase(phase)) return null;
  if (name === "inactivity") return Math.max(outputAt ?? 0, current.phaseSince);
  // An agent that is silent altogether is the inactivity deadline's.
  const since = toolMissingSince(job, current);
  return outputAt !== null && outputAt > since ? since : null;
}

/** Since when no tool call was finished, whether the agent prints or not. */
export function toolMissingSince({ toolAt }: Job, { phaseSince }: Attempt): number {
  return Math.max(toolAt ?? 0, phaseSince);
}

/**
 * The lateness of the alarm extends the deadline by as much, once for the same missing evidence.
 * @returns null where the deadline holds: it was met on time, or was extended before
 */
export function forgiveLateness(
  job: Job,
  current: Attempt,
  { name, ...passed }: Passed & { readonly name: EvidenceDeadline },
): Attempt["forgiven"] | null {
  const evidenceAt =
    name === "tool-silence" ? toolMissingSince(job, current) : missingSince(job, current, name);
  const until = timeGiven(job, passed);
  if (evidenceAt === null || until === null || isSame(job, current.forgiven[name], evidenceAt)) return null;
  return { ...current.forgiven, [name]: { evidenceAt, until } };
}

/** The same for a container that has not answered yet: while the object slept nobody asked it anything. */
export function forgiveUnprobed(job: Job, instance: Instance, passed: Passed): number | null {
  return instance.forgivenUntil === undefined ? timeGiven(job, passed) : null;
}

/** Until when a deadline waits because its alarm was late; 0 where it does not. */
export function waitsUntil(job: Job, current: Attempt, name: EvidenceDeadline): number {
  const forgiven = current.forgiven[name];
  const evidenceAt = missingSince(job, current, name) ?? current.phaseSince;
  const own = isSame(job, forgiven, evidenceAt) ? forgiven.until : 0;
  // Beats that are given their time may tell of the step and of the agent too.
  const { silence } = current.forgiven;
  return Math.max(own, silence?.evidenceAt === current.aliveAt ? silence.until : 0);
}

/** As long again as nobody looked, and at least one beat interval for beats that are being retried. */
function timeGiven(job: Job, { at, lateMs, now }: Passed): number | null {
  const beatMs = nextBeatMs(job);
  return lateMs <= beatMs ? null : Math.max(at + lateMs, now + beatMs);
}

/** The same sign of life: told again by a container's clock it moves by milliseconds, a new one is a beat away. */
function isSame(job: Job, forgiven: Forgiven | undefined, evidenceAt: number): forgiven is Forgiven {
  return forgiven !== undefined && Math.abs(evidenceAt - forgiven.evidenceAt) < nextBeatMs(job);
}
