import type { Status } from "./job-view.ts";
import type { Policy } from "./policy.ts";

/** Which limit bounds a phase of the harness; null for the agent's own work, which has watchdogs instead. */
export function stepLimitMs(
  phase: string,
  policy: Pick<Policy, "cloneMs" | "setupMs" | "pushMs">,
): number | null {
  switch (phase) {
    case "clone":
      return policy.cloneMs;
    case "push":
      return policy.pushMs;
    case "dependencies":
    case "infra":
    case "serve":
    case "repair":
    case "saving":
      return policy.setupMs;
    default:
      return null;
  }
}

/** Whether max-duration runs: starting, running and recovering count, waiting and stopping do not. */
export function isAtWork(status: Status): boolean {
  return status === "starting" || status === "running" || status === "recovering";
}
