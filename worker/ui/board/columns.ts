/** Which column a card stands in, and in which order. Pure. */

import type { Card } from "../../../shared/board.ts";
import type { Status } from "../../../shared/job-view.ts";
import type { Sort } from "../route.ts";
import { keyOf } from "./cards.ts";

export const columns = [
  { name: "queued", title: "Queued" },
  { name: "starting", title: "Starting" },
  { name: "working", title: "Working" },
  { name: "attention", title: "Needs attention" },
  { name: "done", title: "Done" },
  { name: "failed", title: "Failed" },
] as const;
export type ColumnName = (typeof columns)[number]["name"];
export type Columns = Readonly<Record<ColumnName, readonly Card[]>>;

export function columnOf({ status, attention, outcome, endedAt }: Card): ColumnName {
  if (attention !== null) return "attention";
  if (outcome?.code === "result-error") return "failed";
  // A tab outlives deployments: a later version may know a status more.
  return columnsByStatus[status] ?? (endedAt === null ? "working" : "failed");
}

const columnsByStatus: Readonly<Partial<Record<string, ColumnName>>> = {
  queued: "queued",
  starting: "starting",
  running: "working",
  recovering: "working",
  stopping: "working",
  done: "done",
  failed: "failed",
  cancelled: "failed",
  evicted: "failed",
} satisfies Record<Status, ColumnName>;

export function toColumns(cards: Iterable<Card>, sort: Sort): Columns {
  const found: Record<ColumnName, Card[]> = {
    queued: [],
    starting: [],
    working: [],
    attention: [],
    done: [],
    failed: [],
  };
  for (const card of cards) found[columnOf(card)].push(card);
  for (const column of Object.values(found)) column.sort(orders[sort]);
  // Whose turn is next stands on top of a line.
  if (sort === "newest") found.queued.sort(orders.oldest);
  return found;
}

/** @param grouped null while the board is read */
export function mostUrgentIn(grouped: Columns | null): ColumnName | null {
  return byUrgency.find((each) => (grouped?.[each].length ?? 0) > 0) ?? null;
}

const byUrgency = ["attention", "working", "starting", "queued", "failed", "done"] as const;

type Order = (a: Card, b: Card) => number;

/** Ended cards by their end, the others by their acceptance: neither moves while people look. */
const newest: Order = (a, b) => (b.endedAt ?? b.startedAt) - (a.endedAt ?? a.startedAt);
const byKey: Order = (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);

/** Cards that are equal by it stand by their names, so that no answer of the server turns two of them round. */
const orders: Readonly<Record<Sort, Order>> = {
  newest: (a, b) => newest(a, b) || byKey(a, b),
  oldest: (a, b) => newest(b, a) || byKey(a, b),
  deadline: (a, b) => least(a.deadline?.at, b.deadline?.at) || newest(a, b) || byKey(a, b),
  heard: (a, b) => least(heardAt(a), heardAt(b)) || newest(a, b) || byKey(a, b),
  cost: (a, b) => b.usage.containerSeconds - a.usage.containerSeconds || byKey(a, b),
  title: (a, b) => a.title.localeCompare(b.title) || byKey(a, b),
};

/** When a live card's harness was heard last; of an ended one nothing is waited for. */
function heardAt({ endedAt, signals }: Card): number | undefined {
  return endedAt === null ? (signals.process ?? 0) : undefined;
}

/** What has none comes last. */
function least(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  return b === undefined ? -1 : a - b;
}
