import * as z from "zod";
import { EventKinds, type EventsPage, type ExecutionEvent } from "../../shared/events.ts";
import { FollowUp, Span } from "../../shared/job-result.ts";
import { Limits } from "../../shared/limits.ts";
import type { NewEvent } from "./lifecycle/turn.ts";

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
    const rows = this.#sql
      .exec<Row>("SELECT * FROM event WHERE cursor > ? ORDER BY cursor LIMIT ?", after, limit)
      .toArray();
    return {
      executionId,
      events: rows.map((row) => toEvent(row)),
      next: rows.at(-1)?.cursor ?? after,
      newest,
      gaps: this.#gaps(after, rows.at(-1)?.cursor ?? newest),
    };
  }

  /** Spans `from` to `to` of a job, by the job's own numbers. */
  spans(jobId: string, from: number, to: number): readonly Span[] {
    if (to < from) return [];
    return this.#sql
      .exec<Row>(
        "SELECT * FROM event WHERE job_id = ? AND span BETWEEN ? AND ? ORDER BY span",
        jobId,
        from,
        to,
      )
      .toArray()
      .flatMap((row) => toSpan(row));
  }

  /** Spans of a job stored after a cursor, at most as many as one read may carry. */
  spansAfter(jobId: string, cursor: number): readonly Span[] {
    return this.#sql
      .exec<Row>(
        "SELECT * FROM event WHERE job_id = ? AND span IS NOT NULL AND cursor > ? ORDER BY span LIMIT ?",
        jobId,
        cursor,
        Limits.spansPerRead,
      )
      .toArray()
      .flatMap((row) => toSpan(row));
  }

  /** Follow-ups of a job stored after a cursor, without those that repeat an earlier one. */
  followUps(jobId: string, cursor: number): readonly FollowUp[] {
    return this.#sql
      .exec<Row>(
        "SELECT * FROM event WHERE job_id = ? AND kind = 'follow-up' AND cursor > ? ORDER BY cursor LIMIT 200",
        jobId,
        cursor,
      )
      .toArray()
      .flatMap((row) => toFollowUp(row));
  }

  /** Drops the oldest that may go; where that is not enough, the oldest that the harness wrote. */
  #prune(): void {
    const { events, bytes } = this.#sql
      .exec<{ events: number; bytes: number }>("SELECT events, bytes FROM log_size WHERE id = 1")
      .one();
    if (events <= Limits.eventsPerExecution && bytes <= Limits.eventBytesPerExecution) return;
    const share = bytes > Limits.eventBytesPerExecution ? Math.ceil(events / 20) : 0;
    const excess = Math.max(events - Limits.eventsPerExecution, share) + PRUNE_SLACK;
    const dropped = this.#drop(prunable, excess);
    if (dropped < excess) this.#drop(fromHarness, excess - dropped);
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

function toSpan(row: Row): readonly Span[] {
  const { tool, startedAt, endedAt, ok, argsSummary } = bodyOf(row);
  const span = Span.safeParse({
    tool,
    seq: row.span,
    startedAt,
    endedAt,
    ok,
    ...(argsSummary === undefined ? {} : { argsSummary }),
  });
  return span.success ? [span.data] : [];
}

function toFollowUp(row: Row): readonly FollowUp[] {
  const { followUp, repeated } = bodyOf(row);
  const parsed = FollowUp.safeParse(followUp);
  return repeated !== true && parsed.success ? [parsed.data] : [];
}
