import { isLive, jobOf } from "../state.ts";
import { endInstance, requestStop } from "./stopping.ts";
import { emit, patchJob, type Turn } from "./turn.ts";

/** Stored before anything is done about it; from then on no start of this job's container can happen. */
export function onCancel(turn: Turn, jobId: string, reason: string): void {
  const job = jobOf(turn.state, jobId);
  if (job === null || !isLive(job)) return;
  if (job.stop !== null && job.stop.kind !== "deadline") return;
  emit(turn, "cancel-requested", { reason }, { job });
  requestStop(turn, job, { kind: "cancel", cause: "cancelled", text: reason });
}

/**
 * Stops every job and the container. Not a tombstone: a later dispatch of any of the jobs, ended ones too, starts a new
 * round in a fresh container.
 */
export function onRelease(turn: Turn, reason: string): void {
  const { jobs } = turn.state;
  const stoppable = jobs.some((job) => isLive(job) && job.releasedAt === null && job.stop?.kind !== "cancel");
  const readable = jobs.some((job) => !isLive(job) && !job.delivered && job.releasedAt === null);
  if (!stoppable && !readable && !livesUnneeded(turn)) return;
  emit(turn, "released", { reason });
  for (const { jobId, releasedAt } of jobs) {
    const job = jobOf(turn.state, jobId);
    if (job === null || releasedAt !== null) continue;
    if (!isLive(job)) {
      patchJob(turn, jobId, { delivered: true, releasedAt: turn.now });
      continue;
    }
    const released = job.stop?.kind === "cancel" ? job : patchJob(turn, jobId, { releasedAt: turn.now });
    requestStop(turn, released, { kind: "release", cause: "released", text: reason });
  }
  if (livesUnneeded(turn)) endInstance(turn, "release", reason);
}

/** A container that nobody has asked to end, while no job needs it. */
function livesUnneeded(turn: Turn): boolean {
  const { instance, jobs } = turn.state;
  return instance !== null && instance.intent === null && instance.exit === null && !jobs.some(isLive);
}
