import { PolicyDefaults } from "../../../shared/policy-defaults.ts";
import type { PolicyRequest } from "../../../shared/policy.ts";
import type { PhaseName } from "./matrix.ts";

/**
 * What programs of this machine need does not shrink with a policy: starting Node, ending a process, a look at a view. Nor
 * do the 5 s after which a call to a harness that does not answer is given up; no step may end before two of them.
 */
const MACHINE_MS = {
  starting: 15_000,
  clone: 20_000,
  push: 20_000,
  stopping: 3_000,
  kill: 1_000,
  idle: 5_000,
};

/** Where executions wait for each other in their phases, each may be held until the slowest has reached its own. */
const TOGETHER_MS = {
  starting: 90_000,
  clone: 90_000,
  push: 90_000,
  stopping: 40_000,
  kill: 1_000,
  idle: 40_000,
};

/** The default policy, every limit and interval multiplied by `scale`. */
export function policyOf(phase: PhaseName, scale: number, isTogether: boolean): PolicyRequest {
  const least = isTogether ? TOGETHER_MS : MACHINE_MS;
  const scaled = (name: keyof typeof PolicyDefaults, atLeast = 0): number =>
    Math.max(Math.round(PolicyDefaults[name] * scale), atLeast);
  return {
    scale,
    queuedMs: scaled("queuedMs"),
    startingMs: scaled("startingMs", least.starting),
    silenceMs: scaled("silenceMs"),
    cloneMs: scaled("cloneMs", least.clone),
    setupMs: scaled("setupMs"),
    pushMs: scaled("pushMs", least.push),
    inactivityMs: scaled("inactivityMs", isTogether ? least.clone : 0),
    toolSilenceMs: scaled("toolSilenceMs", isTogether ? least.clone : 0),
    coldStartMs: scaled("coldStartMs"),
    maxDurationMs: scaled("maxDurationMs", isTogether ? 3 * least.clone : 0),
    stopGraceMs: scaled("stopGraceMs", phase === "stopping" ? least.stopping : 0),
    killGraceMs: scaled("killGraceMs", least.kill),
    idleMs: scaled("idleMs", phase === "idle" ? least.idle : 0),
    recovery: "heal",
  };
}
