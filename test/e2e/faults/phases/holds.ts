import type { JobView } from "../../../../shared/job-view.ts";
import type { PhaseName } from "../matrix.ts";

const runningIn =
  (wanted: string) =>
  ({ status, phase }: JobView): boolean =>
    status === "running" && phase === wanted;

/** Whether a view shows its job in the phase. */
export const holds: Readonly<Record<PhaseName, (view: JobView) => boolean>> = {
  queued: ({ status }) => status === "queued",
  starting: ({ status, attempt }) => status === "starting" && attempt === 0,
  clone: runningIn("clone"),
  agent: runningIn("agent"),
  push: runningIn("push"),
  stopping: ({ status }) => status === "stopping",
  idle: ({ status, container }) => status === "done" && container?.running === true,
};
