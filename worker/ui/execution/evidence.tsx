import type { JobView } from "../../../shared/job-view.ts";
import type { Note } from "../../../shared/note.ts";
import { At } from "./at.tsx";
import { plain } from "../formats.ts";
import { Panel } from "./panel.tsx";

type Props = { readonly job: JobView; readonly skewMs: number };

/** What was seen, and when: for how it ended, each container that was lost, and all that was noted on the way. */
export function Evidence({ job, skewMs }: Props) {
  const { outcome, exit, recoveries, gaps, notes } = job;
  const seen = outcome?.evidence ?? [];
  const exits = (exit === null ? [] : [exit]).map(({ at, cause, code, by }) => ({
    at,
    code: `container ${cause}`,
    text: `exit code ${code ?? "unknown"}, seen by ${by}`,
  }));
  const losses = recoveries.map(({ at, attempt, evicted, why }) => ({
    at,
    code: `attempt ${attempt} lost (${evicted})`,
    text: why,
  }));
  const holes = gaps.map(({ at, count, reason }) => ({
    at,
    code: "gap",
    text: `${count ?? "an unknown number of"} events lost: ${reason}`,
  }));
  const ended = [...seen, ...exits, ...losses].toSorted((a, b) => a.at - b.at);
  return (
    <Panel title="Evidence">
      {ended.length === 0 ? (
        <p class="quiet">Nothing was stopped or lost.</p>
      ) : (
        <Notes notes={ended} skewMs={skewMs} />
      )}
      {notes.length + holes.length > 0 && (
        <>
          <h3>Notes</h3>
          <Notes notes={[...notes, ...holes].toSorted((a, b) => a.at - b.at)} skewMs={skewMs} />
        </>
      )}
    </Panel>
  );
}

export function Notes({ notes, skewMs }: { readonly notes: readonly Note[]; readonly skewMs: number }) {
  return (
    <ol class="notes">
      {notes.map(({ at, code, text }, index) => (
        <li key={index}>
          <At at={at} skewMs={skewMs} /> <b>{plain(code.replaceAll("-", " "), 80)}</b> {plain(text, 1_000)}
        </li>
      ))}
    </ol>
  );
}
