import { StatusChip } from "../components/status.tsx";
import { plain } from "../formats.ts";
import { Link } from "../navigation.tsx";
import type { Read } from "./execution-reader.ts";

type SwitcherProps = { readonly read: Read; readonly shown: string | null };

/** Which of an execution's jobs is shown; nothing where there is one. */
export function JobSwitcher({ read, shown }: SwitcherProps) {
  const { jobs, executionId } = read.execution;
  if (jobs.length < 2) return null;
  return (
    <nav aria-label="Jobs of this execution">
      <ul class="row jobs">
        {jobs.map(({ id, labels, status, outcome }) => (
          <li key={id}>
            <Link class="button" to={{ execution: { executionId, jobId: id } }} current={id === shown}>
              {plain(labels["title"] ?? id, 60)}
              <StatusChip status={status} hasError={outcome?.code === "result-error"} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
