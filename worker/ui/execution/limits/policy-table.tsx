import { useMemo } from "preact/hooks";
import type { LogEntry } from "../../../../shared/events.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { Meter } from "../../components/meter.tsx";
import { toDuration } from "../../formats.ts";
import { useNow } from "../../live/use-now.ts";
import { timelineOf } from "../timeline/timeline.ts";
import { limitWords } from "./limit-words.ts";
import { budgetsOf, type Limit, limitsOf } from "./limits.ts";

type PolicyProps = {
  readonly job: JobView;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
};

/** Every limit of the policy, and what is left of it. */
export function PolicyTable({ job, entries, skewMs }: PolicyProps) {
  const now = useNow() + skewMs;
  const { id: jobId, round, startedAt: acceptedAt, asOf } = job;
  const timeline = useMemo(
    () => timelineOf(entries, { jobId, round, acceptedAt, now: asOf }),
    [entries, jobId, round, acceptedAt, asOf],
  );
  return (
    <>
      <table class="policy">
        <thead>
          <tr>
            <th scope="col">Limit</th>
            <th scope="col">Allowed</th>
            <th scope="col">Remains</th>
          </tr>
        </thead>
        <tbody>
          {limitsOf(job, timeline, now).map((limit) => (
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
    </>
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
