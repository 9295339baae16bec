import * as z from "zod";
import { EventKinds, type EventsPage, type ExecutionEvent } from "../../../shared/events.ts";
import { FollowUp, Span } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import type { NewEvent } from "../lifecycle/turn.ts";

/** How much more than the excess is dropped at once, so that pruning is not done at every event. */
const PRUNE_SLACK = 200;

const prunable = Object.entries(EventKinds)
  .filter(([, { prunable }]) => prunable)
  .map(([kind]) => `'${kind}'`)
  .join(", ");
const fromHarness = Object.entries(EventKinds)
  .filter(([, { by }]) => by !== "object")
  .map(([kind]) => `'${kind}'`)
  .join(", ");

const everyKind = Object.keys(EventKinds)
  .map((kind) => `'${kind}'`)
  .join(", ");

/** A span or a follow-up as a view carries it, with its place in the log. */
export type Telemetry =
  | { readonly kind: "span"; readonly cursor: number; readonly value: Span }
  | { readonly kind: "follow-up"; readonly cursor: number; readonly value: FollowUp };

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
  body: string;
};

/** The append-only log: bounded, the first events and the newest kept, what lies between dropped and counted. */
export class EventLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Called inside the transaction that writes the state the events belong to. */
  append(events: readonly NewEvent[]): void {
    if (events.length === 0) return;
    let bytes = 0;
    for (const event of events) {
      const body = JSON.stringify(event.body);
      bytes += body.length;
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
        body.length,
        body,
      );
    }
    this.#sql.exec(
      "UPDATE log_size SET events = events + ?, bytes = bytes + ? WHERE id = 1",
      events.length,
      bytes,
    );
    this.#prune();
  }

  page(executionId: string, after: number, limit: number, newest: number): EventsPage {
    const found = this.#sql.exec<Row>(
      "SELECT * FROM event WHERE cursor > ? ORDER BY cursor LIMIT ?",
      after,
      limit,
    );
    const rows = upTo(Limits.pageBytes, found);
    return {
      executionId,
      events: rows.map((row) => toEvent(row)),
      next: rows.at(-1)?.cursor ?? after,
      newest,
      gaps: this.#gaps(after, rows.at(-1)?.cursor ?? newest),
    };
  }

  /** Spans `from` to `to` of a job, by the job's own numbers. */
  spans(jobId: string, from: number, to: number): readonly Telemetry[] {
    if (to < from) return [];
    return this.#telemetry("job_id = ? AND span BETWEEN ? AND ? ORDER BY span", jobId, from, to);
  }

  /** Follow-ups of a job stored after a cursor, without those that repeat an earlier one. */
  followUps(jobId: string, cursor: number): readonly Telemetry[] {
    return this.#telemetry(
      "job_id = ? AND kind = 'follow-up' AND cursor > ? ORDER BY cursor LIMIT 200",
      jobId,
      cursor,
    );
  }

  /** Spans and follow-ups of a job stored after a cursor, at most as many as one read may carry. */
  telemetryAfter(jobId: string, cursor: number): readonly Telemetry[] {
    return this.#telemetry(
      "job_id = ? AND (span IS NOT NULL OR kind = 'follow-up') AND cursor > ? ORDER BY cursor LIMIT ?",
      jobId,
      cursor,
      Limits.spansPerRead,
    );
  }

  #telemetry(where: string, ...bindings: readonly (string | number)[]): readonly Telemetry[] {
    return this.#sql
      .exec<Row>(`SELECT * FROM event WHERE ${where}`, ...bindings)
      .toArray()
      .flatMap((row) => (row.span === null ? toFollowUp(row) : toSpan(row)));
  }

  /** Drops the oldest that may go; where that is not enough the oldest of the harness, then the oldest of all. */
  #prune(): void {
    const { events, bytes } = this.#sql
      .exec<{ events: number; bytes: number }>("SELECT events, bytes FROM log_size WHERE id = 1")
      .one();
    if (events <= Limits.eventsPerExecution && bytes <= Limits.eventBytesPerExecution) return;
    const share = bytes > Limits.eventBytesPerExecution ? Math.ceil(events / 20) : 0;
    const excess = Math.max(events - Limits.eventsPerExecution, share) + PRUNE_SLACK;
    const dropped = this.#drop(prunable, excess);
    const more = dropped < excess ? this.#drop(fromHarness, excess - dropped) : 0;
    if (dropped + more < excess) this.#drop(everyKind, excess - dropped - more);
  }

  #drop(kinds: string, count: number): number {
    const rows = this.#sql
      .exec<{ cursor: number; bytes: number }>(
        `SELECT cursor, bytes FROM event WHERE kind IN (${kinds}) AND cursor > ? ORDER BY cursor LIMIT ?`,
        Limits.firstEventsKept,
        count,
      )
      .toArray();
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return 0;
    this.#sql.exec(
      `DELETE FROM event WHERE kind IN (${kinds}) AND cursor BETWEEN ? AND ?`,
      first.cursor,
      last.cursor,
    );
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    this.#sql.exec(
      "UPDATE log_size SET events = events - ?, bytes = bytes - ? WHERE id = 1",
      rows.length,
      bytes,
    );
    this.#sql.exec(
      `INSERT INTO pruned (id, first, last, count) VALUES (1, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET first = MIN(first, excluded.first), last = MAX(last, excluded.last),
         count = count + excluded.count`,
      first.cursor,
      last.cursor,
      rows.length,
    );
    return rows.length;
  }

  #gaps(after: number, upTo: number): EventsPage["gaps"] {
    return this.#sql
      .exec<{ first: number; last: number; count: number }>(
        "SELECT first, last, count FROM pruned WHERE last > ? AND first <= ?",
        after,
        upTo,
      )
      .toArray()
      .map(({ first, last, count }) => ({ from: first, to: last, count }));
  }
}

/** The first rows whose bodies stay within a size; at least one where there is any. */
function upTo(maxChars: number, cursor: Iterable<Row>): readonly Row[] {
  const rows: Row[] = [];
  let chars = 0;
  for (const row of cursor) {
    chars += row.body.length;
    if (rows.length > 0 && chars > maxChars) break;
    rows.push(row);
  }
  return rows;
}

const Body = z.record(z.string(), z.unknown());

function bodyOf(row: Row): Record<string, unknown> {
  return Body.parse(JSON.parse(row.body));
}

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

function toSpan(row: Row): readonly Telemetry[] {
  const { tool, startedAt, endedAt, ok, argsSummary } = bodyOf(row);
  const span = Span.safeParse({
    tool,
    seq: row.span,
    startedAt,
    endedAt,
    ok,
    ...(argsSummary === undefined ? {} : { argsSummary }),
  });
  return span.success ? [{ kind: "span", cursor: row.cursor, value: span.data }] : [];
}

function toFollowUp(row: Row): readonly Telemetry[] {
  const { followUp, repeated } = bodyOf(row);
  const parsed = FollowUp.safeParse(followUp);
  if (repeated === true || !parsed.success) return [];
  return [{ kind: "follow-up", cursor: row.cursor, value: parsed.data }];
}
