import type { JobView } from "../../../shared/job-view.ts";
import { ConnectionState } from "../components/connection.tsx";
import { StatusChip } from "../components/status.tsx";
import { plain } from "../formats.ts";
import { Link } from "../navigation.tsx";
import type { OpenExecution } from "../route.ts";
import { useExecution } from "./use-execution.ts";

export function ExecutionPage({ open }: { readonly open: OpenExecution }) {
  const { view, connection } = useExecution(open.executionId);
  const jobs = view?.jobs ?? [];
  const shown = jobs.find(({ id }) => id === open.jobId) ?? jobs.at(-1) ?? null;
  return (
    <>
      <header class="bar">
        <Link to={{ execution: null }}>Board</Link>
        <h1>Execution {open.executionId}</h1>
        <ConnectionState connection={connection} />
      </header>
      <main class="notice">
        {connection.failure !== null && view === null && (
          <p role="alert">{plain(connection.failure.error)}</p>
        )}
        {shown !== null && <JobSummary job={shown} />}
      </main>
    </>
  );
}

function JobSummary({ job }: { readonly job: JobView }) {
  return (
    <section aria-label={`Job ${plain(job.id)}`} class="stack">
      <h2>{plain(job.labels["title"] ?? job.id)}</h2>
      <p>
        <StatusChip status={job.status} hasError={job.outcome?.code === "result-error"} /> {plain(job.phase)}
      </p>
      {job.error !== undefined && <p>{plain(job.error, 2_000)}</p>}
      {job.outcome !== null && <p>{plain(job.outcome.next, 2_000)}</p>}
    </section>
  );
}
