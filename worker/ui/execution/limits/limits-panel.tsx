import type { JobView } from "../../../../shared/job-view.ts";
import { Meter } from "../../components/meter.tsx";
import { Countdown } from "../../components/moments.tsx";
import { plain, toDuration } from "../../formats.ts";
import { Panel } from "../panel.tsx";
import type { Timeline } from "../timeline/timeline.ts";
import { ExtendButton } from "./extend-button.tsx";
import { limitWords } from "./limit-words.ts";
import { budgetsOf, type Limit, limitsOf, standing } from "./limits.ts";

type LimitsProps = {
  readonly job: JobView;
  readonly timeline: Pick<Timeline, "phases">;
  /** The server's clock. */
  readonly now: number;
  readonly skewMs: number;
  readonly onDone: () => void;
};

/** What will stop the job and when, what would move it, and what is left of everything that it was given. */
export function LimitsPanel({ job, timeline, now, skewMs, onDone }: LimitsProps) {
  const deadlines = standing(job);
  return (
    <Panel title="Limits">
      {deadlines.length === 0 ? (
        <p class="quiet">No deadline stands.</p>
      ) : (
        <ul class="deadlines">
          {deadlines.map((deadline) => (
            <li key={deadline.name} class={deadline.isNext ? "is-next" : ""}>
              <span>{deadline.name}</span>
              <Countdown at={deadline.at} skewMs={skewMs} />
              <span class="quiet">{plain(deadline.why)}</span>
              {deadline.extendable && job.state === "running" && !deadline.isNext && (
                <ExtendButton job={job} deadline={deadline} skewMs={skewMs} onDone={onDone} />
              )}
            </li>
          ))}
        </ul>
      )}
      <Policy job={job} limits={limitsOf(job, timeline, now)} />
    </Panel>
  );
}

function Policy({ job, limits }: { readonly job: JobView; readonly limits: readonly Limit[] }) {
  return (
    <details>
      <summary>Policy, and what remains of it</summary>
      <table class="policy">
        <thead>
          <tr>
            <th scope="col">Limit</th>
            <th scope="col">Allowed</th>
            <th scope="col">Remains</th>
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr key={limit.key}>
              <th scope="row">{limitWords[limit.key]}</th>
              <td>{toDuration(limit.limitMs)}</td>
              <td>
                <Remains limit={limit} />
              </td>
            </tr>
          ))}
          {budgetsOf(job).map(({ kind, used, of }) => (
            <tr key={kind}>
              <th scope="row">Recoveries after a {kind === "crash" ? "crash" : "lost container"}</th>
              <td>{of}</td>
              <td>{Math.max(0, of - used)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Recovery: {job.policy.recovery}
        {job.policy.scale === 1 ? "" : `; the object's own pauses are scaled by ${job.policy.scale}`}
      </p>
    </details>
  );
}

function Remains({ limit: { limitMs, usedMs, remainingMs } }: { readonly limit: Limit }) {
  const leftMs = remainingMs ?? (usedMs === null ? null : Math.max(0, limitMs - usedMs));
  if (leftMs === null) return <span class="quiet">not under way</span>;
  const share = leftMs / limitMs;
  return (
    <>
      {toDuration(leftMs)}
      <Meter
        value={leftMs}
        max={limitMs}
        label={`${Math.round(Math.min(1, share) * 100)} % left`}
        tone={share < 0.1 ? "bad" : share < 0.3 ? "warn" : "active"}
      />
    </>
  );
}
