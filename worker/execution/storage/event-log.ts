import type { EventsPage, ExecutionEvent } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";
import type { NewEvent } from "../lifecycle/turn.ts";
import { bodyOf } from "./event-body.ts";
import { prune } from "./pruning.ts";

type Row = {
  cursor: number;
  at: number;
  kind: string;
  job_id: string | null;
  round: number | null;
  attempt: number | null;
  instance: string | null;
  seq: number | null;
  span: number | null;
  bytes: number;
  body: string;
};

export type PageRequest = {
  readonly after: number;
  readonly limit: number;
  /** The last cursor wanted; the newest unless given. */
  readonly through?: number;
};

/** The append-only log: bounded, the first events and the newest kept, what lies between dropped and counted. */
export class EventLog {
  readonly #sql: SqlStorage;
  #prunings = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Grows whenever lines are dropped: what was made of several pages holds only while it stands still. */
  get prunings(): number {
    return this.#prunings;
  }

  /** Called inside the transaction that writes the state the events belong to. */
  append(events: readonly NewEvent[]): void {
    if (events.length === 0) return;
    let added = 0;
    for (const event of events) {
      const body = JSON.stringify(event.body);
      const { byteLength } = encoder.encode(body);
      added += byteLength;
      this.#sql.exec(
        `INSERT INTO event (cursor, at, kind, job_id, round, attempt, instance, seq, span, bytes, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        event.cursor,
        event.at,
        event.kind,
        event.jobId,
        event.round,
        event.attempt,
        event.instance,
        event.seq,
        event.span,
        byteLength,
        body,
      );
    }
    this.#sql.exec(
      "UPDATE log_size SET events = events + ?, bytes = bytes + ? WHERE id = 1",
      events.length,
      added,
    );
    if (prune(this.#sql)) this.#prunings += 1;
  }

  /** Lines in the order of their cursors; cursors are dense, so what is missing between two is what pruning dropped. */
  page(executionId: string, newest: number, { after, limit, through = newest }: PageRequest): EventsPage {
    const found = this.#sql.exec<Row>(
      "SELECT * FROM event WHERE cursor > ? AND cursor <= ? ORDER BY cursor LIMIT ?",
      after,
      through,
      limit,
    );
    const { rows, isCut } = upTo(Limits.pageBytes, found);
    const isWhole = !isCut && rows.length < limit;
    const last = rows.at(-1)?.cursor ?? after;
    const next = isWhole ? Math.max(after, through) : last;
    const cursors = [...rows.map(({ cursor }) => cursor), ...(next > last ? [next + 1] : [])];
    return {
      executionId,
      events: rows.map((row) => toEvent(row)),
      next,
      newest,
      gaps: holes(after, cursors),
    };
  }

  /** When the newest line was stored; 0 while there is none. */
  newestAt(): number {
    const [row] = this.#sql
      .exec<{ at: number }>("SELECT at FROM event ORDER BY cursor DESC LIMIT 1")
      .toArray();
    return row?.at ?? 0;
  }

  /** The line that says how a job's round ended; null where there is none. */
  terminalCursor(jobId: string, round: number): number | null {
    const [row] = this.#sql
      .exec<{ cursor: number }>(
        "SELECT cursor FROM event WHERE kind = 'terminal' AND job_id = ? AND round = ? ORDER BY cursor DESC LIMIT 1",
        jobId,
        round,
      )
      .toArray();
    return row?.cursor ?? null;
  }
}

/** The first rows whose bodies stay within a size; at least one where there is any. */
function upTo(
  maxBytes: number,
  cursor: Iterable<Row>,
): { readonly rows: readonly Row[]; readonly isCut: boolean } {
  const rows: Row[] = [];
  let bytes = 0;
  for (const row of cursor) {
    bytes += row.bytes;
    if (rows.length > 0 && bytes > maxBytes) return { rows, isCut: true };
    rows.push(row);
  }
  return { rows, isCut: false };
}

/** The runs of cursors that are missing after one cursor and between these. */
function holes(after: number, cursors: readonly number[]): EventsPage["gaps"] {
  return cursors.flatMap((cursor, index) => {
    const from = (cursors[index - 1] ?? after) + 1;
    return from === cursor ? [] : [{ from, to: cursor - 1, count: cursor - from }];
  });
}

const encoder = new TextEncoder();

function toEvent(row: Row): ExecutionEvent {
  return {
    ...bodyOf(row),
    cursor: row.cursor,
    at: row.at,
    kind: row.kind,
    jobId: row.job_id,
    round: row.round,
    attempt: row.attempt,
    instance: row.instance,
    ...(row.seq === null ? {} : { seq: row.seq }),
  };
}
