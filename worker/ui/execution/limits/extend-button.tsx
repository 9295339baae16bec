import { useState } from "preact/hooks";
import type { DeadlineView, JobView } from "../../../../shared/job-view.ts";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import { now } from "../../system.ts";

const EXTENSION_MS = 15 * 60_000;

type ExtendProps = {
  readonly job: JobView;
  readonly deadline: DeadlineView;
  readonly skewMs: number;
  readonly onDone: () => void;
};

/** Moves a deadline by a quarter of an hour, counted from when it stands or from now. */
export function ExtendButton({ job, deadline, skewMs, onDone }: ExtendProps) {
  const { client } = useSession();
  const [state, setState] = useState<"ready" | "asking" | { readonly complaint: string }>("ready");
  const { name, at } = deadline;
  if (name !== "inactivity" && name !== "tool-silence" && name !== "max-duration" && name !== "preview")
    return null;
  const extend = async (): Promise<void> => {
    setState("asking");
    const path = { executionId: job.executionId, jobId: job.id };
    const until = Math.max(at, now() + skewMs) + EXTENSION_MS;
    const reply = await client().call("extend", { path, body: { deadline: name, until } });
    setState(reply.kind === "failed" ? { complaint: reply.failure.error } : "ready");
    onDone();
  };
  return (
    <span class="row">
      <button
        type="button"
        class="button"
        disabled={state === "asking"}
        aria-label={`Extend by 15 min: ${name}`}
        onClick={() => void extend()}
      >
        Extend by 15 min
      </button>
      {typeof state === "object" && (
        <span class="complaint" role="alert">
          {plain(state.complaint)}
        </span>
      )}
    </span>
  );
}
