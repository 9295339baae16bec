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

const restsOnAges: ReadonlySet<string> = new Set(["inactivity", "tool-silence"]);

/** The same for the same deadline as long as it does not move. */
export function keyOf({ name, of, jobId, at }: Deadline): string {
  return `${name} ${of ?? ""} ${jobId ?? ""} ${at}`;
}

/**
 * A deadline that stops its job, and the warning of it: half its limit before at the earliest. Said once, and again where
 * it has moved; ages that a container tells drift by milliseconds, so one that rests on them has to move by the notice.
 */
export function withWarning(
  job: Job,
  stop: Deadline & { readonly name: StoppingDeadline },
  limitMs: number,
): readonly Deadline[] {
  const noticeMs = Math.min(Math.round(NOTICE_MS * job.policy.scale), Math.round(limitMs / 2));
  const told = job.warnedOf[stop.name];
  const slackMs = restsOnAges.has(stop.name) ? noticeMs : 1;
  if (told !== undefined && Math.abs(stop.at - told) < slackMs) return [stop];
  const why = `people are told that the ${stop.name} deadline is near`;
  return [stop, { ...deadlineOf(job, "warning", stop.at - noticeMs, why), of: stop.name }];
}
