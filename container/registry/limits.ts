import type { AttemptEnvelope } from "../../shared/harness-wire.ts";
import type { StandaloneLimits } from "../config.ts";
import type { FlowLimits } from "../job-context.ts";

/** What a job works under. */
export type JobLimits = {
  readonly flow: FlowLimits;
  readonly inactivityMs: number;
  readonly maxDurationMs: number;
  /** How much later than the limits above the harness's own timers stand: the object acts first. */
  readonly marginMs: number;
};

export function toJobLimits(standalone: StandaloneLimits, envelope: AttemptEnvelope | null): JobLimits {
  const { marginMs, ...limits } = envelope === null ? { marginMs: 0, ...standalone } : envelope.limits;
  return {
    flow: {
      cloneMs: limits.cloneMs + marginMs,
      setupMs: limits.setupMs + marginMs,
      pushMs: limits.pushMs + marginMs,
      checkpointMs: limits.checkpointMs,
      killGraceMs: limits.killGraceMs,
    },
    inactivityMs: limits.inactivityMs,
    maxDurationMs: limits.maxDurationMs,
    marginMs,
  };
}
