/** What will stop a job: every deadline that stands. */
import type { DeadlineName, DeadlineView, JobView } from "../../../../shared/job-view.ts";
import { nextStop } from "../../../../shared/next-stop.ts";

export type Standing = DeadlineView & {
  /** The one that stops the job, unless something happens first. */
  readonly isNext: boolean;
};

/** Deadlines at which the object looks after itself or only says something; people see what that would be about. */
const upkeep: ReadonlySet<DeadlineName> = new Set(["tick", "slot", "poll", "question", "warning"]);

/** The earliest first. */
export function standing(view: Pick<JobView, "state" | "status" | "deadlines">): readonly Standing[] {
  const next = nextStop(view);
  return view.deadlines
    .filter(({ name }) => !upkeep.has(name))
    .toSorted((a, b) => a.at - b.at)
    .map((deadline) => ({ ...deadline, isNext: deadline === next }));
}
