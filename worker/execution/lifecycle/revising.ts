import type { DeadlineName } from "../../../shared/job-view.ts";
import { deadlinesFor } from "../deadlines.ts";
import { activeJob, type ExecutionState, isLive, type Job } from "../state.ts";

/**
 * Gives every job whose view has changed a revision above all before it; the clock keeps it growing where a name is used
 * again. A view shows more than its job: the container it works or worked in, and what a live one waits for.
 */
export function revised(before: ExecutionState, after: ExecutionState, now: number): ExecutionState {
  const revision = Math.max(before.revision + 1, now);
  const old = new Map(before.jobs.map((job) => [job.jobId, job]));
  const containerMoved = containerOf(before) !== containerOf(after);
  const awaitedMoved = awaitedIn(before) !== awaitedIn(after);
  const jobs = after.jobs.map((job) => {
    const moved =
      old.get(job.jobId) !== job ||
      (containerMoved && showsContainer(job, before, after)) ||
      (awaitedMoved && isLive(job));
    return moved ? { ...job, revision } : job;
  });
  return { ...after, jobs, revision };
}

function containerOf({ instance, lastInstance }: ExecutionState): string {
  const { id, phase, readyAt, exit, previewUntil, intent } = instance ?? {};
  const { lateCode: _logged, ...dead } = lastInstance ?? {};
  return JSON.stringify([id, phase, readyAt, exit, previewUntil, intent?.at, dead]);
}

function showsContainer(job: Job, before: ExecutionState, after: ExecutionState): boolean {
  const shown = [before, after].flatMap(({ instance, lastInstance }) => [instance?.id, lastInstance?.id]);
  return job.status === "starting" || (job.current !== null && shown.includes(job.current.instance));
}

/** The deadlines that a job at work shows, and every job that waits behind it. */
function awaitedIn(state: ExecutionState): string {
  const active = activeJob(state);
  if (active === null) return "";
  const standing = deadlinesFor(state, active)
    .filter(({ name, of }) => !wandering.has(of ?? name))
    .map(({ name, at, why }) => `${name} ${at} ${why}`);
  return JSON.stringify([active.jobId, active.extended, standing]);
}

/**
 * Deadlines that move with every sign of life, or whenever the object has looked: like ages, they are no news. They would
 * wake every reader, and write and tell every waiting job, each few seconds for as long as all is well.
 */
const wandering: ReadonlySet<DeadlineName> = new Set<DeadlineName>([
  "tick",
  "poll",
  "slot",
  "stop-retry",
  "silence",
  "question",
  "inactivity",
  "tool-silence",
]);
