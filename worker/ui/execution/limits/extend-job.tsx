import type { DeadlineView, JobView } from "../../../../shared/job-view.ts";
import { Extend } from "../../deadline/extend.tsx";
import { extendableOf } from "../../deadline/stop-text.ts";
import { useExtend } from "../../deadline/use-extend.ts";

type ExtendJobProps = {
  readonly job: Pick<JobView, "executionId" | "id" | "revision">;
  readonly deadline: DeadlineView;
  readonly skewMs: number;
  readonly onDone: () => void;
};

/** Moves one of a job's deadlines; nothing where the server would not. */
export function ExtendJob({ job, deadline, skewMs, onDone }: ExtendJobProps) {
  const { executionId, id: jobId, revision } = job;
  const extending = useExtend({ executionId, jobId, revision, name: deadline.name }, onDone);
  const name = extendableOf(deadline);
  if (name === null) return null;
  const at = Math.max(deadline.at, extending.movedTo ?? 0);
  return <Extend name={name} at={at} of={name} skewMs={skewMs} extending={extending} />;
}
