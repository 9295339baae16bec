import * as z from "zod";
import type { EventsPage, ExecutionEvent } from "../../../shared/events.ts";
import { FollowUp, Span } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import type { NewEvent } from "../lifecycle/turn.ts";
import { prune } from "./pruning.ts";

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
