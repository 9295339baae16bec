import { LOST_QUESTION_MS } from "../../../worker/execution/deadlines/evidence.ts";
import { isAgentPhase } from "../../../shared/watchdogs.ts";
import { stepLimitMs } from "../../../shared/steps.ts";
import type { Deadline } from "../../../worker/execution/deadlines/deadline.ts";
import { deadlines, passedDeadlines } from "../../../worker/execution/deadlines.ts";
import { nextBeatMs } from "../../../worker/execution/lifecycle/pace.ts";
import { activeJob, type Job, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import { type Ledger, roundKey, type Seen } from "../ledger.ts";

export const deadlineChecks: readonly Check[] = [
  { promise: "invariant 8", check: somethingIsDueAndArmed },
  { promise: "invariant 8", check: containersAreLookedAfter },
  { promise: "invariant 8", check: waitingEnds },
  { promise: "invariant 8", check: workIsWatched },
  { promise: "invariant 8", check: stopsGoOn },
  { promise: "invariant 8", check: ticksLeaveNothingDue },
  { promise: "deadlines", check: onlyTheLateForgive },
  { promise: "invariant 13", check: maxDurationCountsWorkAlone },
  { promise: "invariant 13", check: extensionsMoveOneDeadline },
];

const TICK_MS = 30_000;
const SAFETY_MS = 30_000;
const ONE_DESTROY_MS = 15_000;
/** Clients of the job protocol have their verdict within 65 minutes of the dispatch, the stop and a late tick included. */
const PATIENCE_MS = 65 * 60_000;

function patienceOf({ acceptedAt, door, policy }: Job): number {
  const latest = acceptedAt + PATIENCE_MS - policy.stopGraceMs - policy.killGraceMs - TICK_MS;
  return door === "job" ? latest : Number.POSITIVE_INFINITY;
}

function named(standing: readonly Deadline[], name: Deadline["name"]): Deadline | null {
  return standing.find((each) => each.name === name) ?? null;
}

function somethingIsDueAndArmed({ after, before, now, site, standing }: Seen): string | null {
  // Where nothing has changed nothing was armed either; a lost alarm is Admission's to cure.
  if (after === null || after === before) return null;
  const [earliest] = standing;
  if (earliest === undefined) return "nothing is ever due";
  const { at } = site.owner.alarm;
  if (at === null) return "no alarm is armed";
  return at > Math.max(earliest.at, now + SAFETY_MS)
    ? `the alarm is ${at - earliest.at} ms after ${earliest.name}`
    : null;
}

function containersAreLookedAfter({ after, now, standing }: Seen): string | null {
  if (after === null || after.instance === null) return null;
  const { exit, intent, phase } = after.instance;
  const job = activeJob(after);
  const scale = (job ?? after.jobs.at(-1))?.policy.scale ?? 1;
  if (exit !== null) {
    const judged = named(standing, "judge-exit");
    // Judged by the scale of the job that was live when it was seen.
    return judged !== null && judged.at <= now + 5_000 * Math.max(1, scale)
      ? null
      : "an exit is not going to be judged";
  }
  const tick = named(standing, "tick");
  if (tick === null || tick.at > now + TICK_MS * scale + 1)
    return `the ${phase} container is not looked after`;
  const isAtSigterm = job?.stop != null && job.stop.stage !== "destroy";
  if (intent !== null && !isAtSigterm && named(standing, "stop-retry") === null)
    return "the destroy is not tried again";
  if (intent !== null || job !== null) return null;
  return (named(standing, "idle") ?? named(standing, "preview")) ? null : "an idle container has no end";
}

function waitingEnds({ after, standing }: Seen): string | null {
  const job = after === null ? null : activeJob(after);
  if (after === null || job === null) return null;
  // One behind it may have a caller who gives up earlier.
  const queued = standing.find(({ jobId, name }) => name === "queued" && jobId === job.jobId);
  if (after.instance !== null) {
    const { exit, intent } = after.instance;
    if (job.status !== "queued" || intent === null || exit !== null) return null;
    const patience = Math.max(job.policy.queuedMs, ONE_DESTROY_MS);
    const until = Math.min(Math.max(job.queuedSince, intent.at) + patience, patienceOf(job));
    return queued?.at === until
      ? null
      : `a job waits for a death until ${queued?.at ?? "for ever"}, not ${until}`;
  }
  if (job.status === "queued") {
    if (queued?.at !== Math.min(job.queuedSince + job.policy.queuedMs, patienceOf(job)))
      return "a queued job may wait for ever";
  }
  if (job.status !== "queued" && job.status !== "recovering")
    return `${job.jobId} is ${job.status} without a container`;
  const asksAgain = named(standing, "slot") ?? named(standing, "start-retry");
  return asksAgain === null ? `${job.jobId} is ${job.status} and nobody tries to start it` : null;
}

function workIsWatched({ after, now, standing }: Seen, { heardAt }: Ledger): string | null {
  const job = after === null ? null : activeJob(after);
  if (job === null || after?.instance == null || after.instance.exit !== null) return null;
  const { current, policy } = job;
  if (job.status === "starting" && after.instance.intent === null) {
    const starting = named(standing, "starting");
    // A late alarm gives as long again: a container to be ready, a harness that was handed the job to say so.
    const until = current === null ? after.instance.forgivenUntil : current.forgiven.starting?.until;
    const isForgiven = starting?.at === until;
    const isBounded = starting !== null && (isForgiven || starting.at <= now + policy.startingMs);
    return isBounded ? null : "a start may take for ever";
  }
  if (job.status !== "running" || current === null) return null;
  const limitMs = stepLimitMs(job.phase, policy);
  const isUnknown = current.endSeen || current.question !== null;
  if (limitMs !== null && !isUnknown) {
    const due = current.phaseSince + limitMs;
    const at = named(standing, "step")?.at ?? Number.NaN;
    const { silence, step } = current.forgiven;
    const isForgiven = at > due && (at === step?.until || at === silence?.until);
    if (at !== due && !isForgiven) return `step ${job.phase} is due at ${at}, its limit ends at ${due}`;
  }
  if (isAgentPhase(job.phase) && !isUnknown && named(standing, "inactivity") === null)
    return "an agent may be silent for ever";
  if (current.question !== null) {
    const question = named(standing, "question");
    return question !== null && question.at <= now + Math.max(policy.silenceMs, LOST_QUESTION_MS)
      ? null
      : "a question is not put again";
  }
  const due = (heardAt.get(`${job.jobId} ${job.attempt}`) ?? 0) + policy.silenceMs;
  const at = named(standing, "silence")?.at ?? Number.NaN;
  const isForgiven = current.forgiven.silence !== undefined && at > due;
  return at === due || isForgiven
    ? null
    : `silence is due at ${at}, a window after the last sign of life is ${due}`;
}

function stopsGoOn({ after, now, standing }: Seen): string | null {
  const job = after === null ? null : activeJob(after);
  if (job?.stop == null || after?.instance == null || after.instance.exit !== null) return null;
  const { killGraceMs, scale, stopGraceMs } = job.policy;
  if (job.stop.stage === "destroy") {
    const again = named(standing, "stop-retry");
    // Past due it waits for the tick that a late alarm still owes.
    return again !== null && again.at <= now + 15_000 * Math.max(1, scale) ? null : "the destroy is given up";
  }
  const grace = named(standing, "stop-grace");
  const isBounded = grace !== null && grace.at <= now + Math.max(stopGraceMs, killGraceMs);
  return isBounded ? null : `a stop may stay ${job.stop.stage} for ever`;
}

function ticksLeaveNothingDue({ after, before, input, now, standing }: Seen): string | null {
  if (input.kind !== "tick" || before === null || after === null) return null;
  // Retention takes an effect to end; where the tick brought a job back to work, what counts work stands again.
  const job = activeJob(after);
  const isBack = job?.workSince != null && jobOf(before, job.jobId)?.workSince == null;
  const left: readonly string[] = isBack ? ["retention", "warning", "max-duration"] : ["retention"];
  const due = standing.filter(({ at, name }) => at <= now && !left.includes(name));
  return due.length === 0 ? null : `${due.map(({ name }) => name).join(", ")} is due after a tick`;
}

/** Time at work over all attempts, by the clock of the object, plus what people allowed; nothing a container sends. */
function maxDurationCountsWorkAlone({ after, standing }: Seen, { rounds }: Ledger): string | null {
  const job = after === null ? null : activeJob(after);
  if (after === null || job === null || job.stop !== null || after.instance?.exit != null) return null;
  const round = rounds.get(roundKey(job));
  if (round === undefined || round.workingSince === null) return null;
  const due = round.workingSince + job.policy.maxDurationMs - round.workedMs;
  const at = named(standing, "max-duration")?.at ?? Number.NaN;
  const expected = Math.min(Math.max(due, job.extended["max-duration"] ?? 0), patienceOf(job));
  return at === expected ? null : `max-duration is due at ${at}; with the work done it is ${expected}`;
}

const watching = [
  ...(["silence", "question", "poll", "step"] as const),
  ...(["inactivity", "tool-silence", "cold-start", "max-duration", "preview"] as const),
] as const;

/** An extension moves the deadline it names and no other. */
function extensionsMoveOneDeadline({ before, input, standing, stepped }: Seen): string | null {
  if (input.kind !== "extend" || before === null) return null;
  if (stepped.reply.kind === "refused")
    return stepped.state === before ? null : "a refused extension changed something";
  const others = watching.filter((name) => name !== input.deadline);
  const old = deadlines(before);
  // One that came up or went is of a start that had waited for any input.
  const isMoved = others.some((name) => {
    const [was, is] = [named(old, name), named(standing, name)];
    return was !== null && is !== null && was.at !== is.at;
  });
  if (isMoved) return `an extension of ${input.deadline} moved another deadline`;
  const own = standing.find(
    ({ jobId, name }) => name === input.deadline && (jobId ?? input.jobId) === input.jobId,
  );
  if (own !== undefined && own.at < input.until) return `${input.deadline} stands earlier than was asked for`;
  const { reply } = stepped;
  // A deadline that came up with a start of this very step was none when the answer was given.
  const stood = old.some(
    ({ jobId, name }) => name === input.deadline && (jobId ?? input.jobId) === input.jobId,
  );
  const at = (stood ? own?.at : null) ?? input.until;
  return reply.kind === "extended" && reply.at !== at
    ? `${reply.at} was told of a deadline that stands at ${at}`
    : null;
}

/** Time is given to missing evidence by an observer that was late itself; a warning is nothing to be late for. */
function onlyTheLateForgive({ after, before, input, now }: Seen): string | null {
  const job = after === null || before === null || input.kind !== "tick" ? null : activeJob(after);
  if (before === null || job === null) return null;
  const told = jobOf(before, job.jobId)?.current?.forgiven ?? {};
  const { forgivenUntil } = after?.instance ?? {};
  const isStartForgiven = forgivenUntil !== undefined && forgivenUntil !== before.instance?.forgivenUntil;
  const isForgiven = Object.entries(job.current?.forgiven ?? {}).some(
    ([name, { until }]) => Object.entries(told).find(([known]) => known === name)?.[1].until !== until,
  );
  const earliest = passedDeadlines(before, now).find(({ name }) => name !== "warning");
  const lateMs = earliest === undefined ? 0 : now - earliest.at;
  return (isForgiven || isStartForgiven) && lateMs <= nextBeatMs(job)
    ? `${job.jobId} is given time by an observer that was on time`
    : null;
}
