import type { Happening } from "../../worker/execution/input.ts";
import { kindsOf, type Run } from "./run.ts";

/**
 * What one input does to the job of a run, in a line: the status after it, `+` the effects it wants, `!` the events it
 * writes; `nothing` where the very same state came out and nothing with it.
 */
export function cellOf(run: Run, input: Happening): string {
  const { before, state, effects, events, reply } = run.give(input, 1);
  const refused = reply.kind === "refused" ? ` refused:${reply.refusal.code}` : "";
  if (state === before && effects.length === 0 && events.length === 0) return `nothing${refused}`;
  const wants = kindsOf(effects).map((kind) => ` +${kind}`);
  const writes = kindsOf(events).map((kind) => ` !${kind}`);
  return `${run.job.status}${refused}${wants.join("")}${writes.join("")}`;
}
