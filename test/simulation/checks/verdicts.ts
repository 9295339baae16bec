import type { NewEvent } from "../../../worker/execution/lifecycle/turn.ts";
import type { Job } from "../../../worker/execution/state.ts";

export function verdictsOf(events: readonly NewEvent[]): readonly NewEvent[] {
  return events.filter(({ kind }) => kind === "verdict");
}

/** Since when there was no sign of what a verdict of this cause says is missing. */
export function missingSince({ current, outputAt, toolAt }: Job, cause: unknown): number {
  if (cause === "silence") return current?.aliveAt ?? 0;
  if (typeof cause === "string" && cause.startsWith("step-")) return current?.phaseSince ?? 0;
  return Math.max((cause === "inactivity-timeout" ? outputAt : toolAt) ?? 0, current?.phaseSince ?? 0);
}
