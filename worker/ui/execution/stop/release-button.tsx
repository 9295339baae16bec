import type { ExecutionView } from "../../../../shared/job-view.ts";
import { useSession } from "../../session.tsx";
import { Confirmation } from "./confirmation.tsx";
import { useAsking } from "./use-asking.ts";

type ReleaseProps = { readonly execution: ExecutionView; readonly onDone: () => void };

/** Offered while there is something to release: a job that goes on, or a container. */
export function ReleaseButton({ execution, onDone }: ReleaseProps) {
  const { client } = useSession();
  const asking = useAsking(onDone);
  const { executionId, instance, jobs } = execution;
  const live = jobs.filter(({ state }) => state === "running").length;
  if (instance === null && live === 0) return null;
  return (
    <Confirmation
      button={asking.isAsked ? "Releasing …" : "Release …"}
      asking={asking}
      title="Release this execution?"
      yes="Release it"
      onYes={() => client().call("release", { path: { executionId } })}
    >
      <p>
        {live === 0
          ? "Its container is destroyed."
          : `${live === 1 ? "Its job is" : `Its ${live} jobs are`} stopped and its container is destroyed.`}{" "}
        What was pushed stays. A later dispatch begins afresh.
      </p>
    </Confirmation>
  );
}
