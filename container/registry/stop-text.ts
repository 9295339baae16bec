import { breadcrumb, inactivityText, maxDurationText } from "../../shared/watchdogs.ts";
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
  if (cause === "max-duration") return maxDurationText(limits.maxDurationMs);
  const why = reason === undefined ? cause : `${cause}: ${reason}`;
  return `Aborted: ${why} (in ${telemetry.phase} phase; ${breadcrumb(lastTool)})`;
}
