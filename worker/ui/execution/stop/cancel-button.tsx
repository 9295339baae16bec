import { useRef, useState } from "preact/hooks";
import type { JobView } from "../../../../shared/job-view.ts";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import { Confirmation } from "./confirmation.tsx";

type CancelProps = { readonly job: JobView; readonly onDone: () => void };

const REASON_CHARS = 1_000; // the API takes no more

/** Asks once. The answer may take until the stop is proved; the page shows its stages meanwhile. */
export function CancelButton({ job, onDone }: CancelProps) {
  const { client } = useSession();
  const reason = useRef<HTMLTextAreaElement>(null);
  const [isAsked, setAsked] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(null);
  const cancel = async (): Promise<void> => {
    setAsked(true);
    setComplaint(null);
    const text = reason.current?.value.trim() ?? "";
    const path = { executionId: job.executionId, jobId: job.id };
    const asked = client().call("cancel", { path, ...(text !== "" && { body: { reason: text } }) });
    onDone();
    const reply = await asked;
    if (reply.kind === "failed") {
      setComplaint(reply.failure.error);
      setAsked(false);
    }
    onDone();
  };
  return (
    <Confirmation
      button={isAsked ? "Cancelling …" : "Cancel …"}
      isBusy={isAsked}
      complaint={complaint}
      title="Cancel this job?"
      yes="Cancel the job"
      onYes={() => void cancel()}
    >
      <p>
        <b>{plain(job.labels["title"] ?? job.id)}</b> is asked to stop, then made to. What it has pushed
        stays. It cannot go on afterwards; dispatching it again begins anew.
      </p>
      <label class="stack">
        Reason, for whoever asks later (optional)
        <textarea ref={reason} rows={2} autofocus maxLength={REASON_CHARS} />
      </label>
    </Confirmation>
  );
}
