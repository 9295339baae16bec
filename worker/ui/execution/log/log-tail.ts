/** The newest lines of what a job printed. */
import { prunedWords, wordsOf } from "../../../../shared/event-words.ts";
import type { LogEntry } from "../../../../shared/events.ts";
import { toPlainText } from "../../../../shared/plain-text.ts";
import { writing } from "./writing.ts";

export type TailLine = {
  /** The same for a line as long as it is shown. */
  readonly key: string;
  readonly at: number;
  /** Whose it is: a stream, or what the line tells of. */
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
  return { lines, isCut: lines.length > 0 };
}

/** Beside what was printed: where the job was, and what the agent did. */
const told: ReadonlySet<string> = new Set(["output", "phase", "tool-end", "gap", "terminal"]);

function linesOf(entry: LogEntry): readonly TailLine[] {
  if (entry.kind === "gap") {
    const { from, count } = entry.gap;
    return [{ key: `${from}`, at: 0, stream: "gap", text: prunedWords(count) }];
  }
  const { event } = entry;
  if (!told.has(event.kind)) return [];
  const { label, text } = wordsOf(event, writing);
  return text
    .split("\n")
    .flatMap((line, index) =>
      line.trim() === ""
        ? []
        : [{ key: `${event.cursor}.${index}`, at: event.at, stream: label, text: cut(line) }],
    );
}

function cut(text: string): string {
  if (text.length <= LINE_CHARS) return text;
  return `${text.slice(0, LINE_CHARS)} … (${text.length - LINE_CHARS} more characters)`;
}
