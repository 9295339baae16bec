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
export function nextStop({
  state,
  status,
  deadlines,
}: Pick<JobView, "state" | "status" | "deadlines">): DeadlineView | null {
  if (state !== "running") return null;
  // What else a job that waits shows stops the one before it.
  const found = deadlines.filter(({ name }) => (status === "queued" ? name === status : stops.has(name)));
  return found.toSorted((a, b) => a.at - b.at)[0] ?? null;
}
