/** The event log as far as the page has read it: pages are put together by cursor, what is missing stays a counted gap. */
import type { EventsPage, ExecutionEvent, LogEntry } from "../../../../shared/events.ts";
import type { Limits } from "../../../../shared/limits.ts";

export type KeptLog = {
  /** In the order of cursors: every cursor up to `next` once, as an event or within a gap. */
  readonly entries: readonly LogEntry[];
  /** The cursor to ask after next. */
  readonly next: number;
  /** The newest there is, as the server said last. */
  readonly newest: number;
};

export const emptyLog: KeptLog = { entries: [], next: 0, newest: 0 };

/** Of a text in memory; 20,000 events of 16 KiB would fill a phone. The rest is read again where somebody asks for it. */
export const KEPT_TEXT_CHARS = 4_000;

/** What the server itself keeps at most: its first entries, and then the newest. */
const FIRST_ENTRIES = 2_000 satisfies typeof Limits.firstEventsKept;
export const KEPT_ENTRIES = 20_000 satisfies typeof Limits.eventsPerExecution;

/** What a page adds. Pages that overlap, or that come twice or out of turn, add nothing twice and hide no hole. */
export function takePage(log: KeptLog, page: EventsPage): KeptLog {
  const newest = Math.max(log.newest, page.newest);
  const entries = [
    ...page.events
      .filter(({ cursor }) => cursor > log.next)
      .map((event) => ({ kind: "event", event: shorten(event) }) as const),
    ...page.gaps.flatMap((gap) => gapAfter(log.next, gap)),
  ].toSorted((a, b) => firstCursor(a) - firstCursor(b));
  const first = entries[0];
  // A page from further on: what lies between was never read, and is asked for again.
  if (first !== undefined && firstCursor(first) !== log.next + 1) return { ...log, newest };
  return {
    entries: entries.length === 0 ? log.entries : bounded([...log.entries, ...entries]),
    next: Math.max(log.next, page.next),
    newest,
  };
}

/** What lies between the first and the newest is one counted gap. */
function bounded(entries: readonly LogEntry[]): readonly LogEntry[] {
  if (entries.length <= KEPT_ENTRIES) return entries;
  // The gap itself takes a place.
  const rest = entries.slice(FIRST_ENTRIES + 1 - KEPT_ENTRIES);
  const dropped = entries.slice(FIRST_ENTRIES, -rest.length);
  const [from = 0, next = 0] = [dropped, rest].flatMap(([first]) => (first ? [firstCursor(first)] : []));
  const count = dropped.reduce((sum, entry) => sum + (entry.kind === "gap" ? entry.gap.count : 1), 0);
  return [...entries.slice(0, FIRST_ENTRIES), { kind: "gap", gap: { from, to: next - 1, count } }, ...rest];
}

export function firstCursor(entry: LogEntry): number {
  return entry.kind === "event" ? entry.event.cursor : entry.gap.from;
}

/** The entries that concern a job: its own, those of no job, and all gaps. */
export function entriesOfJob(log: KeptLog, jobId: string): readonly LogEntry[] {
  return log.entries.filter(
    (entry) => entry.kind === "gap" || entry.event.jobId === null || entry.event.jobId === jobId,
  );
}

/** How many characters of a field are not kept; 0 where it is whole. */
export function missingChars(event: ExecutionEvent): number {
  return typeof event["missingChars"] === "number" ? event["missingChars"] : 0;
}

function gapAfter(cursor: number, { from, to }: EventsPage["gaps"][number]): readonly LogEntry[] {
  const first = Math.max(from, cursor + 1);
  return first > to ? [] : [{ kind: "gap", gap: { from: first, to, count: to - first + 1 } }];
}

function shorten(event: ExecutionEvent): ExecutionEvent {
  const long = Object.entries(event).filter(
    (field): field is [string, string] => typeof field[1] === "string" && field[1].length > KEPT_TEXT_CHARS,
  );
  if (long.length === 0) return event;
  // A copy: a slice would keep all of the text that it is of.
  const cut = long.map(([name, text]) => [name, structuredClone(text.slice(0, KEPT_TEXT_CHARS))]);
  const missing = long.reduce((sum, [, text]) => sum + text.length - KEPT_TEXT_CHARS, 0);
  return { ...event, ...Object.fromEntries(cut), missingChars: missing };
}
