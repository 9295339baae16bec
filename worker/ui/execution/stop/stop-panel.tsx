import type { JobView } from "../../../../shared/job-view.ts";
import { At } from "../at.tsx";
import { Countdown } from "../../components/moments.tsx";
import { Mark, type MarkName } from "../../components/status.tsx";
import { plain } from "../../formats.ts";
import { Panel } from "../panel.tsx";
import { type Stage, type StageName, stopStages, stopWords } from "./stop-stages.ts";

type StopProps = {
  readonly job: JobView;
  readonly skewMs: number;
};

const names: Readonly<Record<StageName, string>> = {
  asked: "Asked to stop",
  told: "Harness told",
  sigterm: "SIGTERM",
  destroy: "Destroyed",
  dead: "Death proved",
};
const marks: Readonly<Record<Stage["state"], MarkName>> = {
  done: "check",
  now: "half",
  ahead: "dots",
  failed: "cross",
  skipped: "slash",
};

/** How far a stop has come, each stage with its time and what was seen. */
export function StopPanel({ job, skewMs }: StopProps) {
  const stages = stopStages(job);
  if (stages.length === 0) return null;
  const grace = job.deadlines.find(({ name }) => name === "stop-grace" || name === "stop-retry");
  return (
    <Panel title="Stop">
      <p role="status" class={job.state === "running" ? "" : "quiet"}>
        {stopWords(job, stages)}
      </p>
      <ol class="stages">
        {stages.map(({ name, state, at, evidence }) => (
          <li key={name} class={`stage stage-${state}`} data-stage={name} data-state={state}>
            <Mark name={marks[state]} />
            <p>
              <b>{names[name]}</b> <span class="quiet">{state === "now" ? "under way" : state}</span>{" "}
              {at !== null && <At at={at} skewMs={skewMs} />}
            </p>
            {evidence.length > 0 && (
              <ul class="quiet">
                {evidence.map(({ text, code }, index) => (
                  <li key={index}>{plain(text === code ? code.replaceAll("-", " ") : text, 200)}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
      {job.state === "running" && grace !== undefined && (
        <p>
          In <Countdown at={grace.at} skewMs={skewMs} />: {plain(grace.why)}
        </p>
      )}
    </Panel>
  );
}
