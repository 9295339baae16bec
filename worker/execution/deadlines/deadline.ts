import type { DeadlineName } from "../../../shared/job-view.ts";
import type { Job, StoppingDeadline } from "../state.ts";

/** A moment at which the object will act unless something happens first. */
export type Deadline = {
  readonly name: DeadlineName;
  readonly at: number;
  /** Null where it is the container's or the execution's. */
  readonly jobId: string | null;
  readonly extendable: boolean;
  /** For people: what happens then, and what would prevent it. */
  readonly why: string;
  /** Of a warning: the deadline that is near. */
  readonly of?: StoppingDeadline;
};

/** How long before a stop people are told of it, at most. */
const NOTICE_MS = 5 * 60_000;

export function deadlineOf<Name extends DeadlineName>(
  job: Job | null,
  name: Name,
  at: number,
  why: string,
): Deadline & { readonly name: Name } {
  return { name, at, jobId: job?.jobId ?? null, extendable: false, why };
}

/** A deadline that stops its job and, half its limit before it at the earliest, the warning of it; said once as long as it does not move. */
export function withWarning(
  job: Job,
  stop: Deadline & { readonly name: StoppingDeadline },
  limitMs: number,
): readonly Deadline[] {
  if (job.warnedOf[stop.name] === stop.at) return [stop];
  const noticeMs = Math.min(Math.round(NOTICE_MS * job.policy.scale), Math.round(limitMs / 2));
  const why = `people are told that the ${stop.name} deadline is near`;
  return [stop, { ...deadlineOf(job, "warning", stop.at - noticeMs, why), of: stop.name }];
}
