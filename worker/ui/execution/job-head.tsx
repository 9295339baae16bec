import type { JobView } from "../../../shared/job-view.ts";
import { Mark, StatusChip } from "../components/status.tsx";
import { Age } from "../components/moments.tsx";
import { plain, toWebAddress } from "../formats.ts";
import { useTitle } from "../live/use-title.ts";
import { CancelButton } from "./stop/cancel-button.tsx";
import { Title } from "./title.tsx";

type HeadProps = {
  readonly job: JobView;
  readonly skewMs: number;
  readonly onDone: () => void;
};

/** What job this is, where it works, and how it stands. */
export function JobHead({ job, skewMs, onDone }: HeadProps) {
  const title = plain(job.labels["title"] ?? job.id);
  useTitle(`${title}: ${job.status}`);
  const { attempt, round, recoveries, attention } = job;
  const canCancel = job.state === "running" && job.status !== "stopping";
  return (
    <div class="job-head">
      <div class="job-name">
        <Title>{title}</Title>
        <StatusChip status={job.status} hasError={job.outcome?.code === "result-error"} />
        {canCancel && <CancelButton job={job} onDone={onDone} />}
      </div>
      <ul class="row facts">
        <Work job={job} />
        <li>{attempt === 0 ? "no attempt yet" : `attempt ${attempt}`}</li>
        {round > 1 && <li>round {round}</li>}
        <li>{recoveries.length === 1 ? "1 recovery" : `${recoveries.length || "no"} recoveries`}</li>
        <li>
          accepted <Age at={job.startedAt} skewMs={skewMs} />
        </li>
        {title !== job.id && <li class="mono">{plain(job.id)}</li>}
        {Object.entries(job.labels)
          .filter(([name]) => name !== "title")
          .map(([name, value]) => (
            <li key={name} class="quiet">
              {plain(name)}: {plain(value)}
            </li>
          ))}
      </ul>
      {attention !== null && (
        <p class="caution caution-warn">
          <Mark name="alert" />
          <span>
            <span role="status">Needs attention: {plain(attention.why, 500)}</span> (
            <Age at={attention.since} skewMs={skewMs} />)
          </span>
        </p>
      )}
    </div>
  );
}

/** Where it works and who does; links lead to hosts of the web and nowhere else. */
function Work({ job: { about, result } }: Pick<HeadProps, "job">) {
  const pullRequest = toWebAddress(result?.prUrl);
  return (
    <>
      {about !== undefined && (
        <>
          <li>{plain(about.repository)}</li>
          <li>
            <OutLink to={toWebAddress(about.branchUrl)}>
              <span class="mono">{plain(about.branch)}</span>
            </OutLink>
          </li>
          <li>
            {about.mode}
            {about.agent !== "" && ` with ${about.agent}, ${plain(about.model)}`}
          </li>
        </>
      )}
      {pullRequest !== null && (
        <li>
          <OutLink to={pullRequest}>Pull request</OutLink>
        </li>
      )}
    </>
  );
}

type OutLinkProps = { readonly to: string | null; readonly children: preact.ComponentChildren };

/** To another host, which is told nothing of this page; mere text where there is no address. */
export function OutLink({ to, children }: OutLinkProps) {
  if (to === null) return <>{children}</>;
  return (
    <a href={to} rel="noopener noreferrer" target="_blank">
      {children}
    </a>
  );
}
