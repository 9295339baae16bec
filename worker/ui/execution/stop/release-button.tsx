import { useState } from "preact/hooks";
import type { ExecutionView } from "../../../../shared/job-view.ts";
import { useSession } from "../../session.tsx";
import { Confirmation } from "./confirmation.tsx";

type ReleaseProps = { readonly execution: ExecutionView; readonly onDone: () => void };

/** Offered while there is something to release: a job that goes on, or a container. */
export function ReleaseButton({ execution, onDone }: ReleaseProps) {
  const { client } = useSession();
  const [isAsked, setAsked] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(null);
  const { executionId, instance, jobs } = execution;
  const live = jobs.filter(({ state }) => state === "running").length;
  if (instance === null && live === 0) return null;
  const release = async (): Promise<void> => {
    setAsked(true);
    setComplaint(null);
    const reply = await client().call("release", { path: { executionId } });
    setAsked(false);
    if (reply.kind === "failed") setComplaint(reply.failure.error);
    onDone();
  };
  return (
    <Confirmation
      button={isAsked ? "Releasing …" : "Release …"}
      isBusy={isAsked}
      complaint={complaint}
      title="Release this execution?"
      yes="Release it"
      onYes={() => void release()}
    >
      <p>
        {live === 0
          ? "Its container is destroyed."
          : `${live === 1 ? "Its job is" : `Its ${live} jobs are`} stopped and its container is destroyed.`}{" "}
        What was pushed stays. A later dispatch begins in a fresh container.
      </p>
    </Confirmation>
  );
}
