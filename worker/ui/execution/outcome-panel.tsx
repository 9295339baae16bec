import type { JobView } from "../../../shared/job-view.ts";
import { nextStop } from "../../../shared/next-stop.ts";
import { Age } from "../components/moments.tsx";
import { Until } from "../deadline/until.tsx";
import { plain, toDuration, toWebAddress } from "../formats.ts";
import { useNow } from "../live/use-now.ts";
import { OutLink } from "./job-head.tsx";
import { ExtendJob } from "./limits/extend-job.tsx";
import { Panel } from "./panel.tsx";
import { Prose } from "./prose.tsx";
import { answerText, pushedWords } from "./result-words.ts";

type Props = { readonly job: JobView; readonly skewMs: number; readonly onDone: () => void };

/** What is so: while a job goes on what it does and what stops it, and then how it ended, why, and what to do about it. */
export function OutcomePanel(props: Props) {
  const { outcome } = props.job;
  return outcome === null ? <Now {...props} /> : <Ended {...props} outcome={outcome} />;
}

function Now({ job, skewMs, onDone }: Props) {
  // The stages of a stop say what comes next themselves.
  const next = job.status === "stopping" ? null : nextStop(job);
  const { queue } = job;
  return (
    <Panel title="Now">
      <p>
        {queue === undefined ? (
          <>
            Phase <b>{plain(job.phase)}</b>
          </>
        ) : (
          `Number ${queue.position} in the line; ${queue.live} of ${queue.max} containers are in use`
        )}
        {job.progress !== undefined && `, ${job.progress.completed} of ${job.progress.total} done`}
      </p>
      <Signals job={job} skewMs={skewMs} />
      {next !== null && (
        <div class="next-stop">
          <p>
            <b>
              <Until deadline={next} at={next.at} skewMs={skewMs} />
            </b>{" "}
            ({next.name}): {plain(next.why)}
          </p>
          <ExtendJob job={job} deadline={next} skewMs={skewMs} onDone={onDone} />
        </div>
      )}
    </Panel>
  );
}

const signalNames = { process: "Container", output: "Output", tool: "Tool call" } as const;

/** A process that beats is alive, output is no progress, a finished tool call is: three ages, each against its limit. */
function Signals({ job, skewMs }: Omit<Props, "onDone">) {
  const now = useNow() + skewMs;
  const { policy } = job;
  const limits = { process: policy.silenceMs, output: policy.inactivityMs, tool: policy.toolSilenceMs };
  return (
    <dl class="ages">
      {(["process", "output", "tool"] as const).map((name) => {
        const at = job.signals[name]?.at ?? null;
        const isOld = at !== null && now - at > limits[name] / 2;
        return (
          <div key={name} class={isOld ? "is-old" : ""}>
            <dt>{signalNames[name]}</dt>
            <dd>{at === null ? "not yet" : <Age at={at} skewMs={skewMs} />}</dd>
          </div>
        );
      })}
    </dl>
  );
}

const blameWords = {
  user: "the caller's",
  agent: "the agent's",
  harness: "the harness's",
  provider: "a provider's",
  platform: "the platform's",
} as const;

type EndedProps = Props & { readonly outcome: NonNullable<JobView["outcome"]> };

function Ended({ job, outcome }: EndedProps) {
  const { result, error, detail } = job;
  const isDone = outcome.code === "done";
  const why = error ?? result?.error;
  return (
    <Panel title="Outcome">
      <p class="outcome">
        <b>{toSentence(outcome.code)}</b>
        {" after "}
        {toDuration(Math.max(0, job.heartbeatAt - job.startedAt))}
      </p>
      {why !== undefined && <Prose text={why} />}
      {!isDone && (
        <dl class="pairs">
          <dt>Blame</dt>
          <dd>
            {blameWords[outcome.blame]};{" "}
            {outcome.retryable ? "the same dispatch may succeed" : "the same dispatch would end the same way"}
          </dd>
          <dt>Next</dt>
          <dd>
            <b>{plain(outcome.next, 1_000)}</b>
          </dd>
          {detail !== undefined && (
            <>
              <dt>Detail</dt>
              <dd>
                <Prose text={detail} />
              </dd>
            </>
          )}
        </dl>
      )}
      {result !== undefined && <Result result={result} />}
    </Panel>
  );
}

function Result({ result }: { readonly result: NonNullable<JobView["result"]> }) {
  const { summary, branch, pushed, preview, prUrl, custom } = result;
  const previewUrl = toWebAddress(preview?.url);
  return (
    <>
      {summary !== undefined && <Prose text={summary} />}
      {custom !== undefined && <Prose text={answerText(custom)} />}
      <ul class="row facts">
        {branch !== undefined && (
          <li>
            Branch <span class="mono">{plain(branch)}</span>
            {pushedWords(pushed)}
          </li>
        )}
        {prUrl !== undefined && (
          <li>
            <OutLink to={toWebAddress(prUrl)}>{plain(prUrl)}</OutLink>
          </li>
        )}
        {previewUrl !== null && (
          <li>
            <OutLink to={previewUrl}>Preview</OutLink>
          </li>
        )}
      </ul>
    </>
  );
}

/** `no-tool-progress` → `No tool progress`. */
function toSentence(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
