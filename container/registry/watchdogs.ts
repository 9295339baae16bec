import { stepLimitMs } from "../../shared/steps.ts";
import {
  type WatchdogVerdict,
  inactivityVerdict,
  maxDurationVerdict,
  stepVerdict,
  toolSilenceVerdict,
} from "../../shared/watchdogs.ts";
import type { Clock } from "../ports.ts";
import type { JobLimits } from "./limits.ts";
import { type Telemetry, agentWorks } from "./telemetry.ts";

export type WatchOptions = {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly limits: JobLimits;
  /** Epoch milliseconds before which a verdict of this cause may not fall; 0 where nobody asked for more time. */
  readonly notBefore: (cause: WatchdogVerdict["cause"]) => number;
  /** Aborted when there is nothing left to watch. */
  readonly signal: AbortSignal;
};

/** How often a long wait is looked at again: a limit may be extended, and phases begin and end. */
const LOOK_MS = 15_000;

/** Lateness of a timer that is no more than a busy machine's. */
const PUNCTUAL_MS = 1_000;

/** Watches one job until a limit is passed; null when it ended before. */
export async function watch(options: WatchOptions): Promise<WatchdogVerdict | null> {
  const { clock, signal } = options;
  let forgivenMs = 0;
  while (!signal.aborted) {
    const now = clock.now();
    const verdict = judge(options, forgivenMs, now);
    if (verdict !== null) return verdict;
    const waitMs = Math.max(1, Math.min(LOOK_MS, remainingMs(options, forgivenMs, now)));
    await clock.sleep(waitMs, signal).catch(() => undefined);
    const lateMs = clock.now() - now - waitMs;
    // Once: a process that is put to sleep again and again would never be judged.
    if (lateMs > PUNCTUAL_MS && forgivenMs === 0) forgivenMs = lateMs;
  }
  return null;
}

/** What a step may take beyond its limit: a command in it that reaches its own has still to be ended. */
const STEP_SLACK_MS = 10_000;

function judge(options: WatchOptions, forgivenMs: number, now: number): WatchdogVerdict | null {
  const { telemetry, limits, notBefore } = options;
  const { phase } = telemetry;
  const { marginMs } = limits;
  const lastTool = telemetry.lastTool();
  const verdicts = [
    maxDurationVerdict({ elapsedMs: telemetry.elapsedMs(), limitMs: limits.maxDurationMs + marginMs }),
    stepVerdict({ phase, elapsedMs: telemetry.phaseMs(), limitMs: stepMs(options) }),
    inactivityVerdict({
      phase,
      silentMs: telemetry.silentMs(),
      forgivenMs,
      limitMs: limits.inactivityMs + marginMs,
      lastTool,
    }),
    toolSilenceVerdict({
      phase,
      ...telemetry.toolIdle(),
      forgivenMs,
      limitMs: limits.toolSilenceMs + marginMs,
      lastTool,
    }),
  ];
  return verdicts.find((verdict) => verdict !== null && now >= notBefore(verdict.cause)) ?? null;
}

/** Null while the agent works. */
function stepMs({ telemetry, limits }: WatchOptions): number | null {
  const limitMs = stepLimitMs(telemetry.phase, limits.steps);
  return limitMs === null ? null : limitMs + limits.marginMs + STEP_SLACK_MS;
}

function remainingMs(options: WatchOptions, forgivenMs: number, now: number): number {
  const { telemetry, limits, notBefore } = options;
  const { marginMs } = limits;
  const untilTotal = limits.maxDurationMs + marginMs - telemetry.elapsedMs();
  const total = Math.max(untilTotal, notBefore("max-duration") - now);
  if (!agentWorks(telemetry)) {
    const limitMs = stepMs(options) ?? Infinity;
    return Math.min(total, limits.inactivityMs, limitMs - telemetry.phaseMs());
  }
  const untilSilent = limits.inactivityMs + marginMs + forgivenMs - telemetry.silentMs();
  const { idleMs, hasPrinted } = telemetry.toolIdle();
  const untilIdle = hasPrinted ? limits.toolSilenceMs + marginMs + forgivenMs - idleMs : Infinity;
  return Math.min(
    total,
    Math.max(untilSilent, notBefore("inactivity-timeout") - now),
    Math.max(untilIdle, notBefore("no-tool-progress") - now),
  );
}
