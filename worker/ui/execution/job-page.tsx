import { useMemo } from "preact/hooks";
import type { JobView } from "../../../shared/job-view.ts";
import { Evidence } from "./evidence.tsx";
import type { Read } from "./execution-reader.ts";
import { FollowUps } from "./follow-ups.tsx";
import { JobHead } from "./job-head.tsx";
import { LimitsPanel } from "./limits/limits-panel.tsx";
import { EventsPanel } from "./log/events-panel.tsx";
import { entriesOfJob } from "./log/kept-log.ts";
import { LogPanel } from "./log/log-panel.tsx";
import { OutcomePanel } from "./outcome-panel.tsx";
import { StopPanel } from "./stop/stop-panel.tsx";
import { TimelinePanel } from "./timeline/timeline-panel.tsx";
import { ToDo } from "./to-do.tsx";
import { Usage } from "./usage.tsx";

export type JobProps = {
  readonly read: Read;
  readonly job: JobView;
  /** Something was changed from here. */
  readonly onDone: () => void;
};

export function JobPage({ read, job, onDone }: JobProps) {
  const { log, skewMs, execution } = read;
  const entries = useMemo(() => entriesOfJob(log, job.id), [log, job.id]);
  const { executionId } = execution;
  return (
    <>
      <JobHead job={job} skewMs={skewMs} onDone={onDone} />
      <div class="parts">
        <div class="parts-top">
          <OutcomePanel job={job} skewMs={skewMs} onDone={onDone} />
          <StopPanel job={job} skewMs={skewMs} />
          <TimelinePanel job={job} entries={entries} skewMs={skewMs} isRead={log.next >= log.newest} />
        </div>
        <div class="parts-side">
          <LimitsPanel job={job} entries={entries} skewMs={skewMs} onDone={onDone} />
          <ToDo progress={job.progress} />
          <FollowUps entries={entries} job={job} skewMs={skewMs} />
          <Usage job={job} />
          <Evidence job={job} skewMs={skewMs} />
        </div>
        <div class="parts-logs">
          <LogPanel job={job} entries={entries} skewMs={skewMs} />
          <EventsPanel executionId={executionId} entries={entries} log={log} skewMs={skewMs} />
        </div>
      </div>
    </>
  );
}
