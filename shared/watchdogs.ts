import { FailureCause } from "./job-result.ts";

/**
 * The rules by which work counts as hung, and the texts that say so. Both the harness and the object judge by them: each
 * with ages of its own clock and limits of its own, the object's being the shorter.
 */

export type WatchdogCause = "inactivity-timeout" | "max-duration" | "no-tool-progress" | StepCause;

/** A step of the harness that took longer than it may; the phase is part of the cause. */
export type StepCause = `step-${string}`;

/** Why a watchdog ended a job: the evidence, the limit it went past, and the sentence for people. */
export type WatchdogVerdict = {
  readonly cause: WatchdogCause;
  readonly observedMs: number;
  readonly limitMs: number;
  readonly text: string;
};

/** The last finished tool call; null before the first. */
export type LastTool = { readonly name: string; readonly ageMs: number } | null;

/** Insertion-ordered milliseconds per phase, the running one included. */
export type PhaseTimings = ReadonlyArray<readonly [phase: string, elapsedMs: number]>;

/** Phases whose silence has limits of its own: the time of a clone or a push, not the quiet of an agent. */
const stepPhases: ReadonlySet<string> = new Set([
  "starting",
  "clone",
  "dependencies",
  "infra",
  "serve",
  "repair",
  "saving",
  "push",
  "draining",
]);

/** Whether silence in this phase is the agent's. Phase names are free-form; an unknown one counts as agent work. */
export function isAgentPhase(phase: string): boolean {
  return !stepPhases.has(phase);
}

/**
 * @param silentMs since the agent's last output, or since the phase began where that is later
 * @param forgivenMs how late the observer itself was; a watchdog that slept does not convict
 */
export function inactivityVerdict(evidence: {
  readonly phase: string;
  readonly silentMs: number;
  readonly forgivenMs: number;
  readonly limitMs: number;
  readonly lastTool: LastTool;
}): WatchdogVerdict | null {
  const { phase, silentMs, forgivenMs, limitMs, lastTool } = evidence;
  if (!isAgentPhase(phase) || silentMs - forgivenMs < limitMs) return null;
  return {
    cause: "inactivity-timeout",
    observedMs: silentMs,
    limitMs,
    text: inactivityText(limitMs, phase, lastTool),
  };
}

/**
 * For an agent that prints and gets nothing done. One that is silent altogether is `inactivityVerdict`'s.
 *
 * @param idleMs since a tool call last finished, or since the phase began where that is later
 * @param hasPrinted whether there was output of the agent since then
 */
export function toolSilenceVerdict(evidence: {
  readonly phase: string;
  readonly idleMs: number;
  readonly hasPrinted: boolean;
  readonly forgivenMs: number;
  readonly limitMs: number;
  readonly lastTool: LastTool;
}): WatchdogVerdict | null {
  const { phase, idleMs, hasPrinted, forgivenMs, limitMs, lastTool } = evidence;
  if (!isAgentPhase(phase) || !hasPrinted || idleMs - forgivenMs < limitMs) return null;
  const text = toolSilenceText(limitMs, phase, lastTool);
  return { cause: "no-tool-progress", observedMs: idleMs, limitMs, text };
}

/**
 * A step has a time of its own, whoever was asleep.
 *
 * @param limitMs null for a phase that is no step
 */
export function stepVerdict(evidence: {
  readonly phase: string;
  readonly elapsedMs: number;
  readonly limitMs: number | null;
}): WatchdogVerdict | null {
  const { phase, elapsedMs, limitMs } = evidence;
  if (limitMs === null || elapsedMs < limitMs) return null;
  const text = stepTimeoutText(limitMs, phase);
  return { cause: `step-${phase}`, observedMs: elapsedMs, limitMs, text };
}

/** What clients of the job protocol are told of a stop for this cause; undefined where no watchdog asked for it. */
export function failureCauseOf(cause: string): FailureCause | undefined {
  const known = FailureCause.safeParse(cause);
  if (known.success) return known.data;
  if (!cause.startsWith("step-")) return undefined;
  return gitSteps.has(cause) ? "git" : "agent";
}

const gitSteps: ReadonlySet<string> = new Set(["step-clone", "step-saving", "step-push"]);

/** A total, so no lateness is forgiven: the time has passed whoever was asleep. */
export function maxDurationVerdict(evidence: {
  readonly elapsedMs: number;
  readonly limitMs: number;
}): WatchdogVerdict | null {
  const { elapsedMs, limitMs } = evidence;
  if (elapsedMs < limitMs) return null;
  return { cause: "max-duration", observedMs: elapsedMs, limitMs, text: maxDurationText(limitMs) };
}

/** Clients recognise `no agent activity` and `max duration`; the rest of both texts is for people. */
export function inactivityText(limitMs: number, phase: string, lastTool: LastTool): string {
  return `Aborted: no agent activity for ${toSeconds(limitMs)}s (likely hung in ${phase} phase; ${breadcrumb(lastTool)})`;
}

export function maxDurationText(limitMs: number): string {
  return `Aborted: exceeded max duration of ${toSeconds(limitMs)}s`;
}

/** The word `inactivity` lets clients that know two watchdogs only tell this for what it is. */
export function toolSilenceText(limitMs: number, phase: string, lastTool: LastTool): string {
  return `Aborted: tool inactivity, the agent printed but finished no tool call for ${toSeconds(limitMs)}s (in ${phase} phase; ${breadcrumb(lastTool)})`;
}

export function stepTimeoutText(limitMs: number, phase: string): string {
  return `Aborted: the ${phase} step timed out after ${toSeconds(limitMs)}s`;
}

export function breadcrumb(lastTool: LastTool): string {
  return lastTool === null
    ? "no tool had completed yet"
    : `last completed tool ${lastTool.name} ${toSeconds(lastTool.ageMs)}s ago`;
}

/** The `detail` of a failed job; `failedIn` names the phase, except where a watchdog's own text already has it. */
export function failureDetail(evidence: {
  readonly timings: PhaseTimings;
  readonly failedIn: string | null;
  readonly lastTool: LastTool;
}): string {
  const timings = evidence.timings
    .map(([phase, elapsedMs]) => `${phase}=${toSeconds(elapsedMs)}s`)
    .join(", ");
  const crumb = breadcrumb(evidence.lastTool);
  const where = evidence.failedIn === null ? crumb : `Failed in ${evidence.failedIn} phase; ${crumb}`;
  return `Phase timings: ${timings}. ${where}.`;
}

function toSeconds(ms: number): number {
  return Math.round(ms / 1_000);
}
