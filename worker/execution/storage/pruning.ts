import { EventKinds } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";

/** How much more than the excess is dropped at once, so that pruning is not done at every event. */
const SLACK_EVENTS = 200;
const SLACK_BYTES = Limits.eventBytesPerExecution / 64;

const kinds = Object.entries(EventKinds);
const prunable = listOf(kinds.filter(([, row]) => row.prunable));
const fromHarness = listOf(kinds.filter(([, row]) => row.by !== "object"));
const everyKind = listOf(kinds);

/** What makes way first. How an execution began goes last, and only where it alone fills the log. */
const stages = [
  { kinds: prunable, beyond: Limits.firstEventsKept },
  { kinds: fromHarness, beyond: Limits.firstEventsKept },
  { kinds: everyKind, beyond: Limits.firstEventsKept },
  { kinds: prunable, beyond: 0 },
  { kinds: everyKind, beyond: 0 },
] as const;

type Size = { readonly events: number; readonly bytes: number };

/**
 * Brings the log within its bounds, the oldest of each stage first, and says whether there was need to; part of the
 * transaction that appended.
 */
export function prune(sql: SqlStorage): boolean {
  const size = sql.exec<Size>("SELECT events, bytes FROM log_size WHERE id = 1").one();
  const tooMany = size.events - Limits.eventsPerExecution;
  const tooLarge = size.bytes - Limits.eventBytesPerExecution;
  if (tooMany <= 0 && tooLarge <= 0) return false;
  let excess: Size = {
    events: tooMany > 0 ? tooMany + SLACK_EVENTS : 0,
    bytes: tooLarge > 0 ? tooLarge + SLACK_BYTES : 0,
  };
  for (const stage of stages) {
    if (excess.events <= 0 && excess.bytes <= 0) break;
    const dropped = drop(sql, stage, excess);
    excess = { events: excess.events - dropped.events, bytes: excess.bytes - dropped.bytes };
  }
  return true;
}

function drop(sql: SqlStorage, { kinds, beyond }: (typeof stages)[number], excess: Size): Size {
  const rows = sql.exec<{ cursor: number; bytes: number }>(
    `SELECT cursor, bytes FROM event WHERE kind IN (${kinds}) AND cursor > ? ORDER BY cursor`,
    beyond,
  );
  let dropped: Size = { events: 0, bytes: 0 };
  let first: number | null = null;
  let last = 0;
  for (const { cursor, bytes } of rows) {
    if (dropped.events >= excess.events && dropped.bytes >= excess.bytes) break;
    dropped = { events: dropped.events + 1, bytes: dropped.bytes + bytes };
    first ??= cursor;
    last = cursor;
  }
  if (first === null) return dropped;
  sql.exec(`DELETE FROM event WHERE kind IN (${kinds}) AND cursor BETWEEN ? AND ?`, first, last);
  sql.exec(
    "UPDATE log_size SET events = events - ?, bytes = bytes - ? WHERE id = 1",
    dropped.events,
    dropped.bytes,
  );
  // A hash over lines of which some are gone matches no bundle any more.
  sql.exec("DELETE FROM head WHERE cursor >= ?", first);
  return dropped;
}

function listOf(rows: typeof kinds): string {
  return rows.map(([kind]) => `'${kind}'`).join(", ");
}
