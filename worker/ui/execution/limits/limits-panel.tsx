import type { LogEntry } from "../../../../shared/events.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { Countdown } from "../../components/moments.tsx";
import { plain } from "../../formats.ts";
import { Folded, loadPolicy } from "../folded.tsx";
import { Panel } from "../panel.tsx";
import { ExtendJob } from "./extend-job.tsx";
import { standing } from "./standing.ts";

type LimitsProps = {
  readonly job: JobView;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
  readonly onDone: () => void;
};

/** What will stop the job and when, what would move it, and what is left of everything that it was given. */
export function LimitsPanel({ job, entries, skewMs, onDone }: LimitsProps) {
  const deadlines = standing(job);
  return (
    <Panel title="Limits">
      {deadlines.length === 0 ? (
        <p class="quiet">None stands.</p>
      ) : (
        <ul class="deadlines">
          {deadlines.map((deadline) => (
            <li key={deadline.name} class={deadline.isNext ? "is-next" : ""}>
              <span>{deadline.name}</span>
              <Countdown at={deadline.at} skewMs={skewMs} />
              <span class="quiet">{plain(deadline.why)}</span>
              {!deadline.isNext && (
                <ExtendJob job={job} deadline={deadline} skewMs={skewMs} onDone={onDone} />
              )}
            </li>
          ))}
        </ul>
      )}
      <Folded summary="Policy, and what remains of it" load={loadPolicy} with={{ job, entries, skewMs }} />
    </Panel>
  );
}
