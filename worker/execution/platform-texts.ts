import type { ExitCause } from "../../shared/job-view.ts";
import type { StartFailure } from "./input.ts";

/**
 * What the platform's words about a container mean. Only texts exist, no codes. `seen`: the very error was met with the
 * workerd that is pinned here; `read`: it stands in an issue, a log or a source of the platform, late 2026.
 */
export type PlatformText = {
  readonly pattern: RegExp;
  readonly means:
    | "no-capacity"
    | "rate-limited"
    | "rollout"
    | "platform-stop"
    | "start-failed"
    | "out-of-sight";
  readonly known: "seen" | "read";
};

/** The first that matches holds: a rollout is told with the words of a signal. */
export const PlatformTexts: readonly PlatformText[] = [
  { pattern: /no container instance that can be provided/i, means: "no-capacity", known: "read" },
  { pattern: /maximum number of running container instances exceeded/i, means: "no-capacity", known: "read" },
  { pattern: /too many containers per second/i, means: "rate-limited", known: "read" },
  { pattern: /new version rollout/i, means: "rollout", known: "read" },
  { pattern: /runtime signalled the container to exit/i, means: "platform-stop", known: "read" },
  { pattern: /container failed to start/i, means: "start-failed", known: "seen" },
  { pattern: /network connection lost/i, means: "out-of-sight", known: "read" },
  { pattern: /durable object reset because its code was updated/i, means: "out-of-sight", known: "read" },
  { pattern: /container is not listening in the tcp address/i, means: "start-failed", known: "read" },
  { pattern: /container is not listening to port/i, means: "start-failed", known: "read" },
  { pattern: /invalid container instance type/i, means: "start-failed", known: "read" },
  {
    pattern: /cannot be called on a container that is already running/i,
    means: "start-failed",
    known: "read",
  },
];

/**
 * @property code null where nobody saw one
 * @property drained whether the harness said before that it drains, or has drained
 */
export type UnaskedExit = {
  readonly code: number | null;
  readonly message: string;
  readonly drained: boolean;
};

/** What a text means; null where it is none that is known. */
export function meaningOf(message: string): PlatformText["means"] | null {
  return PlatformTexts.find(({ pattern }) => pattern.test(message))?.means ?? null;
}

/** Whether it says that a start came to nothing, for want of room or otherwise. */
export function saysNoStart(message: string): boolean {
  const means = meaningOf(message);
  return means === "no-capacity" || means === "rate-limited" || means === "start-failed";
}

/** Whether a start was refused for want of room, which costs no try, or failed. */
export function startFailureOf(message: string): StartFailure {
  const means = meaningOf(message);
  return means === "no-capacity" || means === "rate-limited" ? means : "other";
}

/**
 * Why a container ended that nobody here asked to end. The text decides before the code: a rollout's signal gives the
 * same code as any other. A harness that drained was told to end by the platform, whatever code came of it: one that
 * takes too long over its last push is killed, with 137.
 */
export function exitCauseOf({ code, message, drained }: UnaskedExit): ExitCause {
  const means = meaningOf(message);
  if (means === "rollout" || means === "platform-stop") return means;
  if (drained) return "platform-stop";
  if (code === null) return "vanished";
  if (code === 137) return "oom";
  return code === 143 ? "platform-stop" : "exited";
}
