import { useState } from "preact/hooks";
import { prunedWords, wordsOf } from "../../../../shared/event-words.ts";
import type { ExecutionEvent, LogEntry } from "../../../../shared/events.ts";
import { toPlainText } from "../../../../shared/plain-text.ts";
import { At } from "../at.tsx";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";
import { memo } from "../../memo.tsx";
import { firstCursor, missingChars } from "./kept-log.ts";
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
    <li class={isGap ? "event gap-line" : "event"} data-cursor={cursor} data-kind={event.kind}>
      <span class="event-at">
        <At at={event.at} skewMs={skewMs} />
      </span>
      <span class={`event-label tone-${tone}`}>{label}</span>
      <span class="event-text">
        {text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)} …` : text}
        <Whole event={event} executionId={executionId} />
      </span>
    </li>
  );
});

/** All fields of an event, read anew where they are not kept whole. */
function Whole({ event, executionId }: { readonly event: ExecutionEvent; readonly executionId: string }) {
  const { client } = useSession();
  const [shown, setShown] = useState<string | null>(null);
  const show = async (): Promise<void> => {
    if (shown !== null) return setShown(null);
    if (missingChars(event) === 0) return setShown(toText(event));
    setShown("Reading …");
    const query = { after: event.cursor - 1, limit: 1 };
    const reply = await client().call("events", { path: { executionId }, query });
    const found = reply.kind === "answer" ? reply.value.events[0] : undefined;
    if (found?.cursor === event.cursor) setShown(toText(found));
    else setShown(reply.kind === "failed" ? plain(reply.failure.error) : "It is no longer kept.");
  };
  return (
    <>
      {" "}
      <button
        type="button"
        class="button button-bare more"
        aria-expanded={shown !== null}
        aria-label={`${shown === null ? "All" : "Less"} of event ${event.cursor}`}
        onClick={() => void show()}
      >
        {shown === null ? "…" : "Less"}
      </button>
      {shown !== null && <pre class="whole">{shown}</pre>}
    </>
  );
}

/** One field a line; texts as they are, the rest as JSON. */
function toText(event: ExecutionEvent): string {
  return Object.entries(event)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
      return toPlainText(text.includes("\n") ? `${name}:\n${text}` : `${name}: ${text}`);
    })
    .join("\n");
}
