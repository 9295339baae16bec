/** What a container took with it: events that it had not sent. */

import { Limits } from "../../../shared/limits.ts";
import type { Job } from "../state.ts";
import { emit, patchJob, type Turn } from "./turn.ts";

/** At an end that the harness did not tell of. Where the attempt was lost before, that was noted then. */
export function noteUnsent(turn: Turn, job: Job): Job {
  const { current, stop } = job;
  const isNoted = current === null || current.lostAt !== null || stop?.late != null;
  if (isNoted || !current.accepted) return job;
  return noteUnknownGap(turn, job, "events not yet sent when the job was ended");
}

/** Nobody can know how many events a container took with it. */
export function noteUnknownGap(turn: Turn, job: Job, reason: string): Job {
  emit(turn, "gap", { count: null, reason }, { job });
  const gaps = [...job.gaps, { at: turn.now, count: null, reason }].slice(-Limits.notesPerJob);
  return patchJob(turn, job.jobId, { gaps });
}
