import { REPLACED } from "../container.ts";
import { isAgentPhase } from "../../../shared/watchdogs.ts";
import { activeJob, type Job, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import { type Ledger, roundKey, type Seen } from "../ledger.ts";
import { missingSince, verdictsOf } from "./verdicts.ts";

export const lossChecks: readonly Check[] = [
  { promise: "invariant 6", check: nobodyIsLostWhoAnswers },
  { promise: "invariant 6", check: verdictsNameWhatWasSeen },
  { promise: "exits", check: lastBeatsHaveTheirTime },
  { promise: "recovery", check: budgetsAreKept },
  { promise: "recovery", check: exitsAreJudgedByTheirKind },
  { promise: "exits", check: lateCodesAreKept },
  { promise: "start retries", check: startsAreTriedThreeTimes },
  { promise: "warnings", check: stopsAreAnnounced },
  { promise: "deadlines", check: silentAgentsAreStopped },
];

/** Nobody's silence is a loss before he was asked twice, or said himself that he knows of nothing. */
function nobodyIsLostWhoAnswers({ before, stepped }: Seen, { answers }: Ledger): string | null {
  for (const event of verdictsOf(stepped.events)) {
    if (event.body["cause"] !== "silence") continue;
    if (before?.instance?.exit != null)
      return `${event.jobId} counts as silent; the exit of its container was seen`;
    const said = answers.get(`${event.jobId} ${event.attempt}`) ?? [];
    const [second, first] = [said.at(-1), said.at(-2)];
    const isDenied = second === "unknown-job" || second === "other-boot";
    const isMute = second === "no-answer" && first === "no-answer";
    if (!isDenied && !isMute)
      return `${event.jobId} counts as lost; its harness said ${said.slice(-3).join(", ")}`;
  }
  return null;
}

function verdictsNameWhatWasSeen({ after, before, stepped }: Seen): string | null {
  for (const { body, jobId } of verdictsOf(stepped.events)) {
    const { cause, evidence, limitMs, observedMs, signals } = body;
    if (typeof cause !== "string") return `a verdict on ${jobId} names no cause`;
    if (limitMs === undefined) {
      if (!Array.isArray(evidence) || evidence.length === 0) return `the verdict ${cause} has no evidence`;
      continue;
    }
    if (Number(observedMs) < Number(limitMs))
      return `${cause} after ${Number(observedMs)} of ${Number(limitMs)} ms`;
    if (typeof signals !== "string") return `the verdict ${cause} does not say what was seen`;
  }
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (job.stop?.kind !== "deadline" || old?.stop?.kind === "deadline") continue;
    if (!job.stop.evidence.some(({ code }) => code === "observed"))
      return `the stop of ${job.jobId} has no evidence`;
  }
  return null;
}

/** How often a job may be healed of a kind of loss. */
function mayHeal({ policy, recoveries }: Job, kind: "crash" | "transient"): boolean {
  if (policy.recovery === "report") return false;
  if (policy.recovery === "heal-once" && recoveries.length > 0) return false;
  return recoveries.filter(({ evicted }) => evicted === kind).length < policy.budgets[kind];
}

function budgetsAreKept({ after, before }: Seen, { rounds }: Ledger): string | null {
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (old === null || old === job || old.round !== job.round) continue;
    const healed = job.recoveries.length - old.recoveries.length;
    const kind = job.recoveries.at(-1)?.evicted;
    const round = rounds.get(roundKey(job));
    if (healed > 0 && kind !== undefined && round !== undefined) {
      round.lost[kind] += 1;
      if (!mayHeal(old, kind) || round.lost[kind] > job.policy.budgets[kind])
        return `${job.jobId} is healed too often`;
      if (old.stop !== null) return `${job.jobId} was to end and is healed`;
    }
    const code = job.end === null || old.end !== null ? null : job.end.outcome.code;
    if (code !== "evicted-crash" && code !== "evicted-transient") continue;
    if (mayHeal(old, code === "evicted-crash" ? "crash" : "transient"))
      return `${job.jobId} is given up too early`;
  }
  return null;
}

/** An exit is judged when a terminal beat under way has had five seconds to arrive. */
function lastBeatsHaveTheirTime({ before, now, stepped }: Seen): string | null {
  for (const { body, jobId } of verdictsOf(stepped.events)) {
    const job = before === null ? null : jobOf(before, jobId ?? "");
    const exit = before?.instance?.exit ?? null;
    const isAtOnce = exit === null || now < exit.at + 5_000 * (job?.policy.scale ?? 1);
    if (body["by"] === "monitor" && isAtOnce)
      return `the exit of ${jobId} is judged before its last beat may come`;
  }
  return null;
}

/** What the container really exited with says which kind of loss it was. */
function exitsAreJudgedByTheirKind({ before, site, stepped }: Seen): string | null {
  for (const { body, instance, jobId } of verdictsOf(stepped.events)) {
    if (body["by"] !== "monitor" || body["decision"] === undefined) continue;
    const exit = site.platform.of(instance ?? before?.instance?.id)?.exit ?? null;
    if (exit === null) return `${jobId} is judged by an exit that nobody made`;
    if (exit.message === REPLACED) continue;
    const judged = before === null ? null : jobOf(before, jobId ?? "");
    const isDrained = before?.instance?.announced === "drained" || judged?.phase === "draining";
    const isTransient = isDrained || exit.code === 143 || exit.message.includes("rollout");
    const { cause, decision } = body;
    const expected = exit.message.includes("rollout")
      ? "rollout"
      : isDrained
        ? "platform-stop"
        : expectedCause(exit.code);
    if (cause !== expected) return `exit ${String(exit.code)} (${exit.message}) counts as ${String(cause)}`;
    const job = before === null ? null : jobOf(before, jobId ?? "");
    if (job === null || job.stop !== null) continue;
    // What the harness had said of its end stands over the death of its container, and nothing else does.
    const wasTold = job.current?.endTold !== undefined;
    if (wasTold !== (decision === "as-told")) return `${jobId} is ${wasTold ? "not " : ""}ended as told`;
    if (wasTold) continue;
    const heals = mayHeal(job, isTransient ? "transient" : "crash");
    if (heals !== (decision === "recover"))
      return `${jobId} lost by ${cause} is ${heals ? "not " : ""}healed`;
  }
  return null;
}

function expectedCause(code: number | null): string {
  if (code === null) return "vanished";
  if (code === 137) return "oom";
  return code === 143 ? "platform-stop" : "exited";
}

/**
 * An exit code that comes after the death was known goes into the log, once. Before the verdict it says what the exit was;
 * after it, it changes no verdict.
 */
function lateCodesAreKept({ after, before, input, stepped }: Seen): string | null {
  if (input.kind !== "exited" || before === null || after === null) return null;
  const dead = before.instance ?? before.lastInstance;
  if (dead?.id !== input.instance || dead.exit === null) return null;
  const wasTold = "lateCode" in dead && dead.lateCode !== undefined;
  const isNews = dead.exit.code === null && dead.exit.cause !== "self-stopped" && !wasTold;
  const told = stepped.events.filter(({ kind }) => kind === "late-evidence");
  if (told.length !== (isNews ? 1 : 0)) return `a late exit code is told ${told.length} times`;
  if (isNews && told[0]?.body["code"] !== input.code) return "a late exit code is told as another";
  const exit = (after.instance ?? after.lastInstance)?.exit;
  const expected = isNews && before.instance !== null ? input.code : dead.exit.code;
  return exit?.code === expected ? null : `the exit is recorded with ${String(exit?.code)}`;
}

/** A start is given up at its third failure, whatever failed of it. */
function startsAreTriedThreeTimes({ after, before }: Seen): string | null {
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (old === null || old.end !== null || job.end?.outcome.code !== "start-failed") continue;
    if (old.starts.failed < 2) return `${job.jobId} is given up after ${old.starts.failed + 1} starts`;
  }
  return null;
}

/** An alarm that comes later than this missed what was due before. */
const ON_TIME_MS = 20;

/** What stops a job is announced before, where the object was there to do so. */
function stopsAreAnnounced({ before, now, stepped }: Seen, { announced, sleeps }: Ledger): string | null {
  for (const { body, jobId } of verdictsOf(stepped.events)) {
    const job = before === null ? null : jobOf(before, jobId ?? "");
    const name = deadlineOf(body["cause"]);
    if (job === null || name === null) continue;
    const since = name === "max-duration" ? job.acceptedAt : missingSince(job, body["cause"]);
    const isOnTime = Number(body["observedMs"]) - Number(body["limitMs"]) < ON_TIME_MS;
    // A job that is brought back to work with nothing left of its time is stopped at once.
    const hadTime = name !== "max-duration" || now - (job.workSince ?? now) >= ON_TIME_MS;
    const wasThere = isOnTime && hadTime && !sleeps.some(({ to }) => to > since);
    const at = announced.get(`${roundKey(job)} ${name}`) ?? Number.NEGATIVE_INFINITY;
    if (wasThere && at < since) return `${name} stops ${job.jobId} unannounced`;
  }
  return null;
}

/** Clocks of containers drift by half a millisecond a second here. */
const DRIFT = 1.002;

/** An agent that really is silent is stopped at its limit, however its harness's clock drifts. */
function silentAgentsAreStopped({ after, input, now, site }: Seen, { sleeps }: Ledger): string | null {
  const job = input.kind !== "tick" || after === null ? null : activeJob(after);
  if (job?.status !== "running" || !isAgentPhase(job.phase) || job.current === null) return null;
  const { aliveAt, endSeen, forgiven, instance, phaseSince, polling, question } = job.current;
  const work = site.works.get(`${job.jobId} ${job.attempt}`);
  const isHeard = work?.plan.beats === true && question === null && polling === null && !endSeen;
  if (work === undefined || !isHeard || after?.instance?.id !== instance || after.instance.exit !== null)
    return null;
  const since = Math.max(work.outputAt ?? 0, phaseSince);
  const slept = sleeps.some(({ to }) => to > since);
  // What a beat tells is as old as the beat was under way.
  const limitMs = job.policy.inactivityMs * DRIFT + 1_000 + work.delayedMs;
  // Beats that are given time after a sleep may tell of the agent.
  const isGiven = sleeps.some(({ to }) => to > aliveAt) && forgiven.silence?.evidenceAt === aliveAt;
  const beatsUntil = isGiven ? forgiven.silence.until : 0;
  const until = Math.max(since + limitMs, beatsUntil, job.extended.inactivity ?? 0);
  return slept || now <= until ? null : `${job.jobId} goes on, its agent silent for ${now - since} ms`;
}

function deadlineOf(cause: unknown): string | null {
  if (cause === "inactivity-timeout") return "inactivity";
  if (cause === "no-tool-progress") return "tool-silence";
  if (cause === "max-duration") return "max-duration";
  return typeof cause === "string" && cause.startsWith("step-") ? "step" : null;
}
