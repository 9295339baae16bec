/**
 * The rules by which work counts as hung, and the texts that say so. Both the harness and the object judge by them: each
 * with ages of its own clock and limits of its own, the object's being the shorter.
 */

export type WatchdogCause = "inactivity-timeout" | "max-duration";

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
const stepPhases: ReadonlySet<string> = new Set(["starting", "clone", "push"]);

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
