import type { AttemptEnvelope } from "../../shared/harness-wire.ts";
import { type Policy, PolicyDefaults } from "../../shared/policy.ts";
import type { StandaloneLimits } from "../config.ts";
import type { FlowLimits } from "../job-context.ts";

/** What a job works under. */
export type JobLimits = {
  readonly flow: FlowLimits;
  readonly inactivityMs: number;
  readonly toolSilenceMs: number;
  readonly maxDurationMs: number;
  /** Of each step as a whole. */
  readonly steps: Pick<Policy, "cloneMs" | "setupMs" | "pushMs">;
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
      followUpPollMs: standalone.followUpPollMs,
      guard: standalone.guard,
    },
    inactivityMs: limits.inactivityMs,
    toolSilenceMs: limits.toolSilenceMs ?? Math.max(PolicyDefaults.toolSilenceMs, limits.inactivityMs),
    maxDurationMs: limits.maxDurationMs,
    steps: envelope === null ? toSteps(standalone) : envelope.limits,
    marginMs,
  };
}

/** A step is some commands in turn, each of which gives up by itself and says more than the step can. */
function toSteps({ inactivityMs, setupMs }: StandaloneLimits): JobLimits["steps"] {
  return {
    cloneMs: Math.max(PolicyDefaults.cloneMs, inactivityMs),
    setupMs,
    pushMs: Math.max(PolicyDefaults.pushMs, inactivityMs),
  };
}
