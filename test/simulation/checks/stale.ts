import { isDeepStrictEqual } from "node:util";
import type { Beat } from "../../../shared/beat.ts";
import { step } from "../../../worker/execution/lifecycle.ts";
import { isLive, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import type { Ledger, Seen } from "../ledger.ts";

export const staleChecks: readonly Check[] = [
  { promise: "invariant 5", check: staleInstancesChangeNothing },
  { promise: "invariant 5", check: staleBeatsChangeNothing },
  { promise: "invariant 5", check: overtakenBeatsAreNoSign },
  { promise: "invariant 11", check: oneDispatchOneRound },
  { promise: "invariant 13", check: clocksOfContainersMeanNothing },
];

const DAY_MS = 86_400_000;

function isUnchanged({ before, stepped }: Seen): boolean {
  const { effects, events, results, state } = stepped;
  return state === before && effects.length + events.length + results.length === 0;
}

function staleInstancesChangeNothing(seen: Seen): string | null {
  const { before, input } = seen;
  if (!("instance" in input) || input.instance === before?.instance?.id) return null;
  return isUnchanged(seen) || isLateCode(seen)
    ? null
    : `${input.kind} of ${input.instance}, which is not the instance, changed something`;
}

/** The exit code of the last container, while none has followed it: a line of the log, and nothing else. */
function isLateCode({ before, input, stepped }: Seen): boolean {
  const { effects, events, results, state } = stepped;
  if (input.kind !== "exited" || before?.instance !== null || before.lastInstance?.id !== input.instance)
    return false;
  const isTold = events.length === 1 && events[0]?.kind === "late-evidence";
  const isSame = state?.jobs.every((job, index) => {
    const old = before.jobs[index];
    return old !== undefined && isDeepStrictEqual({ ...job, revision: 0 }, { ...old, revision: 0 });
  });
  // The line is asked whenever that is due, whatever else a step is about.
  const done = effects.filter(({ kind }) => kind !== "ask-slot");
  return isTold && isSame === true && done.length + results.length === 0;
}

function staleBeatsChangeNothing(seen: Seen): string | null {
  const { before, input, stepped } = seen;
  if (input.kind !== "beat") return null;
  const { attempt, instance, jobId } = input.beat;
  const job = before === null ? null : jobOf(before, jobId);
  const isOurs = before !== null && instance === before.instance?.id;
  if (isOurs && job?.current != null && job.attempt === attempt && job.current.instance === instance) {
    // The attempt at work, or one that has ended: the second changes nothing but what is noted of a late end.
    return isLive(job) || isUnchanged(seen) || input.beat.terminal !== undefined
      ? null
      : "a beat moved an ended job";
  }
  const isPast = isOurs && job?.past?.attempt === attempt && job.past.instance === instance;
  if (!isUnchanged(seen)) return "a stale beat changed something";
  const isRefused = stepped.reply.kind === "refused" && stepped.reply.refusal.code === "stale-attempt";
  return isRefused !== isPast ? null : `a stale beat was answered with ${stepped.reply.kind}`;
}

/** What a beat tells of phase and agent is old news once a later one was taken. */
function overtakenBeatsAreNoSign({ after, before, input, now }: Seen, { heardAt }: Ledger): string | null {
  if (input.kind !== "beat" || before === null || after === null) return null;
  const { attempt, jobId } = input.beat;
  if (heardAt.get(`${jobId} ${attempt}`) === now) return null;
  const [old, job] = [jobOf(before, jobId), jobOf(after, jobId)];
  if (old?.status !== "running" || job?.status !== "running") return null;
  const isSame = old.phase === job.phase && old.outputAt === job.outputAt && old.toolAt === job.toolAt;
  return isSame ? null : "an overtaken beat says how it stands now";
}

/** Dispatching a job again is a re-attachment until its end was delivered, or `again` is asked for. */
function oneDispatchOneRound(seen: Seen): string | null {
  const { before, input, stepped } = seen;
  if (input.kind !== "dispatch") return null;
  const { again, door, jobId } = input.request;
  const job = before === null ? null : jobOf(before, jobId);
  const { reply } = stepped;
  const isFresh = reply.kind === "dispatched" && reply.fresh;
  if (job === null) return isFresh ? null : `a new job was answered with ${reply.kind}`;
  const startsAnew = !isLive(job) && (job.releasedAt !== null || (door === "native" ? again : job.delivered));
  if (startsAnew !== isFresh) return `${jobId} (${job.status}) was ${isFresh ? "" : "not "}begun anew`;
  return isFresh || isUnchanged(seen) ? null : "a repeated dispatch changed something";
}

/** The same beat with a clock that is a day off: the same comes of it. */
function clocksOfContainersMeanNothing(seen: Seen, { steps }: Ledger): string | null {
  const { before, freshId, input, now, stepped } = seen;
  if (input.kind !== "beat" || steps % 5 !== 0) return null;
  const { beat } = input;
  const skewed: Beat = {
    ...beat,
    sentAt: beat.sentAt + DAY_MS,
    events: beat.events.map((event) => ({ ...event, at: event.at + DAY_MS })),
  };
  const other = step(before, { kind: "beat", beat: skewed, freshId }, now);
  const isSame = isDeepStrictEqual([other.state, other.effects], [stepped.state, stepped.effects]);
  if (!isSame) return "the container's clock decides something";
  const [fresh, impossible] = [0, -DAY_MS].map((ageMs) =>
    step(before, { kind: "beat", beat: agedBy(beat, ageMs), freshId }, now),
  );
  return isDeepStrictEqual(fresh?.state, impossible?.state) ? null : "an age that cannot be is believed";
}

function agedBy(beat: Beat, ageMs: number): Beat {
  const { outputAgeMs, toolAgeMs } = beat;
  return {
    ...beat,
    outputAgeMs: outputAgeMs === null ? null : ageMs,
    toolAgeMs: toolAgeMs === null ? null : ageMs,
  };
}
