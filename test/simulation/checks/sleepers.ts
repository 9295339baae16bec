import { isAgentPhase } from "../../../shared/watchdogs.ts";
import { activeJob, jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import type { Ledger, Seen } from "../ledger.ts";
import { missingSince, verdictsOf } from "./verdicts.ts";

/** What nobody saw is no evidence: while the object slept, and while it does not know whether its container lives. */
export const sleeperChecks: readonly Check[] = [
  { promise: "invariant 6", check: sleepersDoNotConvict },
  { promise: "invariant 6", check: sleepersGiveNoStartUp },
  { promise: "invariant 6", check: workIsNotTakenForSilence },
  { promise: "invariant 6", check: nobodyIsStoppedWhileAsked },
];

const ofAgents: ReadonlySet<unknown> = new Set(["inactivity-timeout", "no-tool-progress"]);

function restsOnEvidence(cause: unknown): boolean {
  return cause === "silence" || isOfWork(cause);
}

/** That of an agent, or of a step: what it does is only known from beats and answers. */
function isOfWork(cause: unknown): boolean {
  return ofAgents.has(cause) || (typeof cause === "string" && cause.startsWith("step-"));
}

/** An observer that has just slept waits one beat, once for the same missing evidence. */
function sleepersDoNotConvict(
  { before, now, site, stepped }: Seen,
  { answers, heardAt, sleeps }: Ledger,
): string | null {
  for (const { attempt, body, jobId } of verdictsOf(stepped.events)) {
    // A harness that denies its job convicts itself.
    if (body["cause"] === "silence" && answers.get(`${jobId} ${attempt}`)?.at(-1) !== "no-answer") continue;
    const job = before === null ? null : jobOf(before, jobId ?? "");
    if (!restsOnEvidence(body["cause"]) || job === null) continue;
    const beatMs = site.beatMs(job.jobId);
    const since = missingSince(job, body["cause"]);
    const only = onlySleep(sleeps, since, beatMs);
    if (only === null) continue;
    // A harness that was heard since has told in which step it is, and how old its agent's signs are.
    if (body["cause"] !== "silence" && (heardAt.get(`${jobId} ${attempt}`) ?? 0) > only.to) continue;
    // Asked for the second time before the sleep began: what came of it was on its way.
    const { question = null } = job.current ?? {};
    if (body["cause"] === "silence" && question !== null && question.at <= only.from) continue;
    if (now < only.to + beatMs)
      return `${String(body["cause"])} of ${jobId} ${now - only.to} ms after a sleep`;
  }
  return null;
}

/** A container that was asked nothing while the object slept is asked for a beat more, once. */
function sleepersGiveNoStartUp({ after, before, input, now, site }: Seen, { sleeps }: Ledger): string | null {
  const instance = before?.instance ?? null;
  const job = before === null ? null : activeJob(before);
  const isGivenUp = instance?.intent === null && after?.instance?.intent?.cause === "start-failed";
  if (input.kind !== "tick" || instance === null || job === null || !isGivenUp) return null;
  const since = job.current?.startedAt ?? instance.writtenAt;
  const only = onlySleep(sleeps, since, site.beatMs(job.jobId));
  return only === null || now >= only.to + site.beatMs(job.jobId)
    ? null
    : `the start of ${job.jobId} is given up ${now - only.to} ms after a sleep`;
}

/** While a harness is asked whether it lives, nobody knows what it does. */
function nobodyIsStoppedWhileAsked({ before, stepped }: Seen): string | null {
  for (const { body, jobId } of verdictsOf(stepped.events)) {
    const job = before === null ? null : jobOf(before, jobId ?? "");
    if (isOfWork(body["cause"]) && job?.current?.question != null)
      return `${String(body["cause"])} of ${jobId}, who is asked whether it lives`;
  }
  return null;
}

/** The one sleep, longer than a beat, that began since; null where there was none, or where there were more. */
function onlySleep(sleeps: Ledger["sleeps"], since: number, beatMs: number): Ledger["sleeps"][number] | null {
  const [only, second] = sleeps.filter(({ from, to }) => to - from > beatMs && to > since);
  return only === undefined || second !== undefined || only.from < since ? null : only;
}

/** An agent that really works is not stopped for inactivity, where its beats get through. */
function workIsNotTakenForSilence({ before, now, site, stepped }: Seen, { sleeps }: Ledger): string | null {
  for (const { attempt, body, jobId } of verdictsOf(stepped.events)) {
    const { cause } = body;
    const job = before === null ? null : jobOf(before, jobId ?? "");
    const work = site.works.get(`${jobId} ${attempt}`);
    const container = site.platform.of(job?.current?.instance);
    if (job === null || work === undefined || container === null || !work.plan.beats) continue;
    if (!ofAgents.has(cause)) continue;
    const limitMs = Number(body["limitMs"]);
    const doneAt = (cause === "inactivity-timeout" ? work.outputAt : work.toolAt) ?? Number.NEGATIVE_INFINITY;
    const since = missingSince(job, cause);
    const sleptOnce = sleeps.filter(({ to }) => to > since).length <= 1;
    const isHeard = container.isAlive && container.beatTroubleAt < since && sleptOnce;
    if (isHeard && isAgentPhase(work.phase) && now - doneAt < limitMs && work.terminal === null)
      return `${String(cause)} of ${jobId}, whose agent did something ${now - doneAt} ms ago`;
  }
  return null;
}
