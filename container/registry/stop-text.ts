import { stepLimitMs } from "../../shared/steps.ts";
import {
  breadcrumb,
  inactivityText,
  maxDurationText,
  stepTimeoutText,
  toolSilenceText,
} from "../../shared/watchdogs.ts";
import type { JobLimits } from "./limits.ts";
import type { Telemetry } from "./telemetry.ts";

/** What a job says of itself when it is stopped from outside: the cause, and where the work stood. */
export function stopText(
  wish: { readonly cause: string; readonly reason?: string | undefined },
  telemetry: Telemetry,
  limits: JobLimits,
): string {
  const { cause, reason } = wish;
  const lastTool = telemetry.lastTool();
  if (cause === "inactivity-timeout") return inactivityText(limits.inactivityMs, telemetry.phase, lastTool);
  if (cause === "no-tool-progress") return toolSilenceText(limits.toolSilenceMs, telemetry.phase, lastTool);
  if (cause === "max-duration") return maxDurationText(limits.maxDurationMs);
  const step = cause.startsWith("step-") ? cause.slice("step-".length) : "";
  const stepMs = stepLimitMs(step, limits.steps);
  if (stepMs !== null) return stepTimeoutText(stepMs, step);
  const why = reason === undefined ? cause : `${cause}: ${reason}`;
  return `Aborted: ${why} (in ${telemetry.phase} phase; ${breadcrumb(lastTool)})`;
}
