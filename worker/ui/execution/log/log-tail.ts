/** The newest lines of what a job printed. */
import { prunedWords } from "../../../../shared/event-words.ts";
import type { LogEntry } from "../../../../shared/events.ts";
import { toPlainText } from "../../../../shared/plain-text.ts";

export type TailLine = {
  /** The same for a line as long as it is shown. */
  readonly key: string;
  readonly at: number;
  readonly stream: string;
  readonly text: string;
};

export type Tail = {
  readonly lines: readonly TailLine[];
  /** There are older lines, which the event log has. */
  readonly isCut: boolean;
};

/** Of a line that is shown; one without an end would be as wide as it is long. */
const LINE_CHARS = 2_000;

/** At most so many lines, read from the end; `entries` are one job's. */
export function tailOf(entries: readonly LogEntry[], maxLines: number): Tail {
  const groups: (readonly TailLine[])[] = [];
  let count = 0;
  for (let index = entries.length - 1; index >= 0 && count <= maxLines; index -= 1) {
    const entry = entries[index];
    const lines = entry === undefined ? [] : linesOf(entry);
    if (lines.length === 0) continue;
    groups.push(lines);
    count += lines.length;
  }
  const lines = groups.toReversed().flat();
  return { lines: lines.slice(-maxLines), isCut: lines.length > maxLines };
}

/** A view's own tail, for as long as the log itself is not read. */
export function tailOfView(logTail: readonly string[], at: number): Tail {
  const lines = logTail.map((text, index) => ({
    key: `view.${index}`,
    at,
    stream: "",
    text: toPlainText(text),
  }));
  return { lines, isCut: true };
}

function linesOf(entry: LogEntry): readonly TailLine[] {
  if (entry.kind === "gap") {
    const { from, count } = entry.gap;
    return [{ key: `gap.${from}`, at: 0, stream: "gap", text: prunedWords(count) }];
  }
  const { event } = entry;
  if (event.kind === "gap") {
    const count = typeof event["count"] === "number" ? String(event["count"]) : "an unknown number of";
    return [{ key: `${event.cursor}`, at: event.at, stream: "gap", text: `${count} events were lost` }];
  }
  if (event.kind !== "output" || typeof event["text"] !== "string") return [];
  const stream = typeof event["stream"] === "string" ? event["stream"] : "";
  return toPlainText(event["text"])
    .split("\n")
    .flatMap((text, index) =>
      text.trim() === ""
        ? []
        : [{ key: `${event.cursor}.${index}`, at: event.at, stream, text: cut(text.trimEnd()) }],
    );
}

function cut(text: string): string {
  if (text.length <= LINE_CHARS) return text;
  return `${text.slice(0, LINE_CHARS)} … (${text.length - LINE_CHARS} more characters)`;
}
