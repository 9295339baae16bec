import { activeJob, type Instance, isLive, type Job } from "../state.ts";
import { cut, patchJob, type Turn } from "./turn.ts";

/** Waiting does not count towards max-duration. */
export function stopCounting(job: Job, now: number): Pick<Job, "workSince" | "workedMs"> {
  return { workSince: null, workedMs: job.workedMs + (job.workSince === null ? 0 : now - job.workSince) };
}

/** The live job that works in this instance, or waits for it to start; one that has lost it is no such job. */
export function holder(turn: Turn, instance: Instance): Job | null {
  const job = turn.state.jobs.find(isLive) ?? null;
  if (job === null || job.status === "queued" || job.status === "recovering") return null;
  return job.current === null || job.current.instance === instance.id ? job : null;
}

/** Time behind another job, or behind its container, is no waiting for room: the job that is next begins to wait here. */
export function beginWaiting(turn: Turn): void {
  const next = activeJob(turn.state);
  if (next?.status === "queued") patchJob(turn, next.jobId, { queuedSince: turn.now });
}

/** Moves a proved death out of the way of the next start. */
export function bury(turn: Turn, instance: Instance, proof: string): void {
  const began = instance.startedAt ?? turn.now;
  turn.state = {
    ...turn.state,
    instance: null,
    idleSince: null,
    containerMs: turn.state.containerMs + (turn.now - began),
    lastInstance: {
      id: instance.id,
      image: instance.image,
      size: instance.size,
      coldStartMs: instance.readyAt === null ? null : instance.readyAt - began,
      exit: instance.exit,
      proof: cut(proof, 1_000),
      at: turn.now,
    },
  };
  beginWaiting(turn);
}
