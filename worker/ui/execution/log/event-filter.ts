import type { LogEntry } from "../../../../shared/events.ts";

/** `all`, `decisions`, or a kind. */
export type KindFilter = string;

/** What only shows the way to an end; the rest says what was decided and seen. */
const telemetry: ReadonlySet<string> = new Set([
  "output",
  "tool-start",
  "tool-end",
  "progress",
  "usage",
  "phase",
]);

/** Gaps are never filtered out: what is missing may have been of any kind. */
export function filterEntries(entries: readonly LogEntry[], filter: KindFilter): readonly LogEntry[] {
  if (filter === "all") return entries;
  return entries.filter(
    (entry) =>
      entry.kind === "gap" ||
      (filter === "decisions" ? !telemetry.has(entry.event.kind) : entry.event.kind === filter),
  );
}

/** The kinds there are, with their numbers, by name. */
export function kindsIn(entries: readonly LogEntry[]): readonly (readonly [kind: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === "event") counts.set(entry.event.kind, (counts.get(entry.event.kind) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
