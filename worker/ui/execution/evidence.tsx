import type { JobView } from "../../../shared/job-view.ts";
import type { Note } from "../../../shared/note.ts";
import { At } from "./at.tsx";
import { plain } from "../formats.ts";
import { Panel } from "./panel.tsx";
import { exitNote, gapNote, lossNote } from "./seen-notes.ts";

type Props = { readonly job: JobView; readonly skewMs: number };

/** What was seen, and when: for how it ended, each container that was lost, and all that was noted on the way. */
export function Evidence({ job, skewMs }: Props) {
  const { outcome, exit, recoveries, gaps, notes } = job;
  const exits = exit === null ? [] : [exitNote(exit)];
  const ended = [...(outcome?.evidence ?? []), ...exits, ...recoveries.map(lossNote)];
  const noted = [...notes, ...gaps.map(gapNote)];
  return (
    <Panel title="Evidence">
      {ended.length === 0 ? (
        <p class="quiet">Nothing was stopped or lost.</p>
      ) : (
        <Notes notes={ended} skewMs={skewMs} />
      )}
      {noted.length > 0 && (
        <>
          <h3>Notes</h3>
          <Notes notes={noted} skewMs={skewMs} />
        </>
      )}
    </Panel>
  );
}

function Notes({ notes, skewMs }: { readonly notes: readonly Note[]; readonly skewMs: number }) {
  return (
    <ol class="notes">
      {notes
        .toSorted((a, b) => a.at - b.at)
        .map(({ at, code, text }, index) => (
          <li key={index}>
            <At at={at} skewMs={skewMs} /> <b>{plain(code.replaceAll("-", " "), 80)}</b> {plain(text, 1_000)}
          </li>
        ))}
    </ol>
  );
}
