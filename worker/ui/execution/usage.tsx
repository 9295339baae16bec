import type { JobView } from "../../../shared/job-view.ts";
import { plain, toCount, toDuration } from "../formats.ts";
import { Panel } from "./panel.tsx";

const classes = [
  ["input", "in"],
  ["cacheRead", "from cache"],
  ["cacheWrite", "to cache"],
  ["output", "out"],
] as const;

/** What the job has used so far: time of its container, tokens by class and model. */
export function Usage({ job }: { readonly job: JobView }) {
  const { containerSeconds, tokens } = job.usage;
  const { container } = job;
  return (
    <Panel title="Usage">
      <dl class="pairs">
        <dt>Container</dt>
        <dd>
          {toDuration(containerSeconds * 1_000)}
          {container !== null && ` of ${container.size}`}
          {container?.coldStartMs != null && `, ready after ${toDuration(container.coldStartMs)}`}
        </dd>
      </dl>
      {tokens.length === 0 ? (
        <p class="quiet">None counted.</p>
      ) : (
        <ul class="usage">
          {tokens.map((count) => (
            <li key={count.model}>
              <b>{plain(count.model)}</b>
              <dl>
                {classes.map(([key, word]) => (
                  <div key={key}>
                    <dt>{word}</dt>
                    <dd title={count[key].toLocaleString()}>{toCount(count[key])}</dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
