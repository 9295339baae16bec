import { useRef } from "preact/hooks";
import { ConnectionState } from "../components/connection.tsx";
import { useKeptFocus } from "../components/use-kept-focus.ts";
import { plain } from "../formats.ts";
import { Link } from "../navigation.tsx";
import type { OpenExecution } from "../route.ts";
import { At } from "./at.tsx";
import { BundleButton } from "./bundle/bundle-button.tsx";
import { JobPage } from "./job-page.tsx";
import { JobSwitcher } from "./job-switcher.tsx";
import { ReleaseButton } from "./stop/release-button.tsx";
import { useExecution } from "./use-execution.ts";

export function ExecutionPage({ open }: { readonly open: OpenExecution }) {
  const { executionId } = open;
  const { read, connection, poke } = useExecution(executionId, open.jobId);
  useKeptFocus(useRef<Held | null>(null), heldBy, firstThere);
  const isStale = connection.failure !== null && connection.failures > 1;
  return (
    <>
      <header class="bar">
        <Link to={{ execution: null }}>Board</Link>
        <p class="bar-title">
          Execution <b>{executionId}</b>
        </p>
        <ConnectionState connection={connection} />
        {read !== null && (
          <span class="row bar-actions">
            <BundleButton executionId={executionId} jobs={read.execution.jobs} />
            <ReleaseButton execution={read.execution} onDone={poke} />
          </span>
        )}
      </header>
      <main class={isStale ? "execution is-stale" : "execution"}>
        {connection.failure !== null && (read === null || isStale) && (
          <p class="caution caution-bad" role="alert">
            <span>
              {plain(connection.failure.error)}
              {connection.answeredAt !== null && (
                <>
                  . What you see is of <At at={connection.answeredAt} skewMs={0} />
                </>
              )}
            </span>
          </p>
        )}
        {read === null &&
          (connection.failure === null ? (
            <p class="quiet">Reading the execution …</p>
          ) : (
            <h1>This execution cannot be shown</h1>
          ))}
        {read !== null && <JobSwitcher read={read} shown={read.job?.id ?? open.jobId} />}
        {read !== null && read.job === null && <p>This execution has no such job.</p>}
        {read?.job != null && <JobPage key={read.job.id} read={read} job={read.job} onDone={poke} />}
      </main>
    </>
  );
}

/** What has the focus, and the list that it stands in. */
type Held = readonly HTMLElement[];

function heldBy(focused: Element | null): Held {
  const all = [focused, focused?.parentElement?.closest("[tabindex]")];
  return all.filter((each) => each instanceof HTMLElement);
}

/** A line of a list leaves its focus to the list; a button that goes with what there was to ask for, to the heading. */
function firstThere(held: Held): HTMLElement | null {
  return held.find(({ isConnected }) => isConnected) ?? document.querySelector("h1");
}
