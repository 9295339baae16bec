import type { DeadlineName } from "../../../shared/job-view.ts";
import type { Job } from "../state.ts";

/** A moment at which the object will act unless something happens first. */
export type Deadline = {
  readonly name: DeadlineName;
  readonly at: number;
  /** Null where it is the container's or the execution's. */
  readonly jobId: string | null;
  readonly extendable: boolean;
  /** For people: what happens then, and what would prevent it. */
  readonly why: string;
};

export function deadlineOf(job: Job | null, name: DeadlineName, at: number, why: string): Deadline {
  return { name, at, jobId: job?.jobId ?? null, extendable: false, why };
}
