import { stepLimitMs } from "../../../../shared/steps.ts";

export type PhaseKind = "waiting" | "step" | "agent" | "stopping";

/** Whose time a phase is. Phase names are free: an unknown one counts as the agent's work. */
export function kindOf(phase: string): PhaseKind {
  if (phase === "stopping") return "stopping";
  if (phase === "queued" || phase === "starting" || phase === "recovering") return "waiting";
  const limits = { cloneMs: 1, setupMs: 1, pushMs: 1 };
  return stepLimitMs(phase, limits) === null ? "agent" : "step";
}
