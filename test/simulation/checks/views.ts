import { isDeepStrictEqual } from "node:util";
import { type ExecutionState, isLive, type Job, jobOf } from "../../../worker/execution/state.ts";
import { toJobView } from "../../../worker/execution/view.ts";
import type { Check } from "../checks.ts";
import type { Seen } from "../ledger.ts";

export const viewChecks: readonly Check[] = [{ promise: "one tag, one view", check: sameTagSameView }];

/** Moments that move as ages do: with every sign of life, or whenever the object has looked. */
const wandering: ReadonlySet<string> = new Set([
  "tick",
  "poll",
  "slot",
  "stop-retry",
  "silence",
  "question",
  "inactivity",
  "tool-silence",
  "warning",
]);

function sameTagSameView({ after, before, now }: Seen): string | null {
  if (after === null || before === null || after === before) return null;
  for (const job of after.jobs) {
    const old = jobOf(before, job.jobId);
    if (old?.revision !== job.revision) continue;
    const seen = { before: shownOf(before, old, now), after: shownOf(after, job, now) };
    if (isDeepStrictEqual(seen.before, seen.after)) continue;
    return `${job.jobId} shows something else at one revision: ${JSON.stringify(seen)}`;
  }
  return null;
}

/** As a poll has it, save what time alone moves and where the execution's log ends. */
function shownOf(state: ExecutionState, job: Job, now: number) {
  const { cursor: _end, deadlines, ...view } = toJobView(state, job, now, extras);
  // When an ended job's container and execution go away is news of these alone.
  const standing = isLive(job) ? deadlines.filter(({ name }) => !wandering.has(name)) : [];
  return { ...view, deadlines: standing };
}

const extras = {
  door: "native",
  containerId: "container",
  running: true,
  result: null,
  spans: [],
  followUps: [],
} as const;
