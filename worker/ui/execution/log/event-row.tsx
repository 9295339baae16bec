import { prunedWords, wordsOf } from "../../../../shared/event-words.ts";
import type { LogEntry } from "../../../../shared/events.ts";
import { At } from "../at.tsx";
import { loadEvent, useOpened } from "../folded.tsx";
import { memo } from "../../memo.tsx";
import { firstCursor, missingChars } from "./kept-log.ts";
import type { WholeProps } from "./whole-event.tsx";
import { writing } from "./writing.ts";

type RowProps = { readonly entry: LogEntry; readonly executionId: string; readonly skewMs: number };

const SHOWN_CHARS = 280;

/** A line of the log. What stands at a cursor never changes. */
export const EventRow = memo(function EventRow({ entry, executionId, skewMs }: RowProps) {
  const cursor = firstCursor(entry);
  if (entry.kind === "gap") {
    return (
      <li class="gap-line" data-cursor={cursor}>
        {prunedWords(entry.gap.count)} ({cursor}–{entry.gap.to})
      </li>
    );
  }
  const { event } = entry;
  const { label, text, tone } = wordsOf(event, writing);
  const isGap = event.kind === "gap";
  return (
    <li class={isGap ? "event gap-line" : "event"} data-cursor={cursor}>
      <span class="event-at">
        <At at={event.at} skewMs={skewMs} />
      </span>
      <span class={`event-label tone-${tone}`}>{label}</span>
      <span class="event-text">
        {text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)} …` : text}
        <Whole event={event} executionId={executionId} isCut={missingChars(event) > 0} />
      </span>
    </li>
  );
});

/** A button behind which all fields of an event stand. */
function Whole(props: WholeProps) {
  const { isOpen, toggle, draw } = useOpened(loadEvent);
  return (
    <>
      {" "}
      <button
        type="button"
        class="button button-bare more"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? "Less" : "All"} of event ${props.event.cursor}`}
        onClick={() => toggle(!isOpen)}
      >
        {isOpen ? "Less" : "…"}
      </button>
      {draw(props)}
    </>
  );
}
