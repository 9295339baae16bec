import type { DeadlineName, DeadlineView, JobView } from "./job-view.ts";

/** Deadlines at which a job ends, or goes on ending, unless something happens first; at the others the job is looked after. */
const stops: ReadonlySet<DeadlineName> = new Set([
  "queued",
  "starting",
  "step",
  "inactivity",
  "tool-silence",
  "max-duration",
  "stop-grace",
  "stop-retry",
]);

/** What will stop a job and when, as far as nothing happens first: the earliest such deadline; null where it has none. */
export function nextStop({ state, deadlines }: Pick<JobView, "state" | "deadlines">): DeadlineView | null {
  if (state !== "running") return null;
  const found = deadlines.filter(({ name }) => stops.has(name)).toSorted((a, b) => a.at - b.at);
  return found[0] ?? null;
}
