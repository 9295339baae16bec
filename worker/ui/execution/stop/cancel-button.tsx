import { useRef } from "preact/hooks";
import type { JobView } from "../../../../shared/job-view.ts";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import { Confirmation } from "./confirmation.tsx";
import { useAsking } from "./use-asking.ts";

type CancelProps = { readonly job: JobView; readonly onDone: () => void };

const REASON_CHARS = 1_000; // the API takes no more

/** Asks once. The answer may take until the stop is proved; the page shows its stages meanwhile. */
export function CancelButton({ job, onDone }: CancelProps) {
  const { client } = useSession();
  const reason = useRef<HTMLTextAreaElement>(null);
  const asking = useAsking(onDone);
  const cancel = () => {
    const text = reason.current?.value.trim() ?? "";
    const path = { executionId: job.executionId, jobId: job.id };
    return client().call("cancel", { path, ...(text !== "" && { body: { reason: text } }) });
  };
  return (
    <Confirmation
      button={asking.isAsked ? "Cancelling …" : "Cancel …"}
      asking={asking}
      title="Cancel this job?"
      yes="Cancel the job"
      onYes={cancel}
    >
      <p>
        <b>{plain(job.labels["title"] ?? job.id)}</b> is asked to stop, then made to. What it has pushed
        stays. Dispatching it again begins anew.
      </p>
      <label class="stack">
        Reason, for whoever asks later (optional)
        <textarea ref={reason} rows={2} autofocus maxLength={REASON_CHARS} />
      </label>
    </Confirmation>
  );
}
