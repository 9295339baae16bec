import { deadlinesOfContainer } from "./deadlines/container.ts";
import { type Deadline, deadlineOf, keyOf } from "./deadlines/deadline.ts";
import { evidenceDeadlines, expectedToolSilence } from "./deadlines/evidence.ts";
import { behindDeadline, durationDeadlines, startDeadlines, stopDeadlines } from "./deadlines/job.ts";
import { activeJob, type ExecutionState, isLive, type Job, largest } from "./state.ts";

/** How long a released job of the job protocol reads as stopping; then as a crash, on which its clients resume. */
export const RELEASED_GRACE_MS = 90_000;

/** Every moment at which this state wants to act, unless something happens first. The alarm is a cache of the earliest. */
export function deadlines(state: ExecutionState): readonly Deadline[] {
  const job = activeJob(state);
  return [
    ...(job === null ? [] : deadlinesOfJob(state, job)),
    ...state.jobs.filter((each) => isLive(each) && each !== job).flatMap(behindDeadline),
    ...(state.instance === null ? [] : deadlinesOfContainer(state, state.instance, job)),
    ...releasedDeadlines(state),
    ...retentionDeadline(state),
  ].toSorted((a, b) => a.at - b.at);
}

export function passedDeadlines(state: ExecutionState, now: number): readonly Deadline[] {
  return deadlines(state).filter((deadline) => deadline.at <= now);
}

/** The earliest deadline; null where nothing is to be done any more. */
export function earliestAt(state: ExecutionState): number | null {
  return deadlines(state)[0]?.at ?? null;
}

/** Deadlines that a tick at this moment has left due: what it did about them takes its time, or failed. */
export function leftDue(state: ExecutionState | null, now: number): ReadonlySet<string> {
  return new Set(state === null ? [] : passedDeadlines(state, now).map(keyOf));
}

/** When to look next: at the earliest deadline, or later at those that the last tick left due, which must not spin it. */
export function lookAt(
  state: ExecutionState | null,
  left: { readonly keys: ReadonlySet<string>; readonly againAt: number },
): number | null {
  const standing = state === null ? [] : deadlines(state);
  const moments = standing.map((each) => (left.keys.has(keyOf(each)) ? left.againAt : each.at));
  return moments.length === 0 ? null : Math.min(...moments);
}

/**
 * What people see of a job: its own deadlines, or, while it waits behind another, that one's. Those cannot be extended as its
 * own: an extension is of the job that it names.
 */
export function deadlinesFor(state: ExecutionState, job: Job): readonly Deadline[] {
  const active = activeJob(state);
  const all = shown(state, active);
  const own = all.filter(({ jobId }) => jobId === null || jobId === job.jobId);
  if (active === null || active.jobId === job.jobId || !isLive(job)) return own;
  return all
    .filter(({ jobId }) => jobId === null || jobId === job.jobId || jobId === active.jobId)
    .map((deadline) =>
      deadline.jobId === job.jobId
        ? deadline
        : { ...deadline, extendable: false, why: `waits behind job ${active.jobId}: ${deadline.why}` },
    );
}

/** What is due, and what is due as soon as the agent prints again. */
function shown(state: ExecutionState, active: Job | null): readonly Deadline[] {
  const due = deadlines(state);
  const expected = active === null ? [] : expectedToolSilence(active, due);
  return expected.length === 0 ? due : [...due, ...expected].toSorted((a, b) => a.at - b.at);
}

function deadlinesOfJob(state: ExecutionState, job: Job): readonly Deadline[] {
  // An end that was seen is judged before anything else is.
  if (state.instance?.exit != null && job.stop === null) return [];
  return [
    ...startDeadlines(state, job),
    ...evidenceDeadlines(job),
    ...durationDeadlines(job),
    ...stopDeadlines(job),
  ];
}

function releasedDeadlines(state: ExecutionState): readonly Deadline[] {
  return state.jobs.flatMap((job) =>
    job.door === "job" && job.releasedAt !== null && job.phase === "stopping" && !isLive(job)
      ? [deadlineOf(job, "released", job.releasedAt + RELEASED_GRACE_MS, "reads as evicted from then on")]
      : [],
  );
}

function retentionDeadline(state: ExecutionState): readonly Deadline[] {
  const ends = state.jobs.map((job) => job.end?.at ?? null);
  if (state.instance !== null || ends.length === 0 || ends.includes(null)) return [];
  const last = Math.max(...ends.map((at) => at ?? 0));
  const why = "everything stored of this execution is deleted";
  return [deadlineOf(null, "retention", last + largest(state, "retentionMs"), why)];
}
