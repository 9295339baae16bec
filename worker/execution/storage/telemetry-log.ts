import { FollowUp, Span } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import { bodyOf } from "./event-body.ts";

/** A span or a follow-up as a view carries it; `place` is where it stands in the order it was read in. */
export type Telemetry =
  | { readonly kind: "span"; readonly place: number; readonly value: Span }
  | { readonly kind: "follow-up"; readonly place: number; readonly value: FollowUp };

export type TelemetryPage = {
  readonly rows: readonly Telemetry[];
  /** The place that was read up to, where more comes after it; null where nothing does. */
  readonly through: number | null;
};

type Row = { span: number | null; place: number; body: string };

/** A follow-up that repeats an earlier one of its job is in the log for the record alone. */
const FOLLOW_UP = "(kind = 'follow-up' AND json_extract(body, '$.repeated') IS NOT 1)";
const TELEMETRY = `(span IS NOT NULL OR ${FOLLOW_UP})`;

/** What the event log has of a job's spans and follow-ups, a page at a time. Places may be missing: pruning drops lines. */
export class TelemetryLog {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Spans and follow-ups stored after a cursor, in its order. */
  after(jobId: string, cursor: number): TelemetryPage {
    return this.#page({ order: "cursor", where: `${TELEMETRY} AND cursor > ?`, jobId, from: cursor });
  }

  /** Whether `after` has anything to tell. */
  hasAfter(jobId: string, cursor: number): boolean {
    const where = `${TELEMETRY} AND cursor > ?`;
    return this.#read({ order: "cursor", where, jobId, from: cursor }, 1).length > 0;
  }

  /** Follow-ups stored after a cursor, in its order. */
  followUpsAfter(jobId: string, cursor: number): TelemetryPage {
    return this.#page({ order: "cursor", where: `${FOLLOW_UP} AND cursor > ?`, jobId, from: cursor });
  }

  /** Spans from one on, in the order of the job's own numbers. */
  spansFrom(jobId: string, number: number): TelemetryPage {
    return this.#page({ order: "span", where: "span >= ?", jobId, from: number });
  }

  /** All spans down to one, the newest first. */
  spansDownTo(jobId: string, number: number): readonly Telemetry[] {
    const query = { order: "span", where: "span >= ?", jobId, from: number, isNewestFirst: true } as const;
    return this.#read(query, NO_LIMIT).flatMap(toTelemetry);
  }

  /** Ends by what was read, not by what came of it: a line that cannot be shown is passed over as well. */
  #page(query: Query): TelemetryPage {
    const found = this.#read(query, Limits.spansPerRead + 1);
    const read = found.slice(0, Limits.spansPerRead);
    const through = read.length < found.length ? (read.at(-1)?.place ?? null) : null;
    return { rows: read.flatMap(toTelemetry), through };
  }

  #read({ order, where, jobId, from, isNewestFirst = false }: Query, limit: number): readonly Row[] {
    return this.#sql
      .exec<Row>(
        `SELECT span, ${order} AS place, body FROM event WHERE job_id = ? AND ${where}
         ORDER BY ${order} ${isNewestFirst ? "DESC" : "ASC"} LIMIT ?`,
        jobId,
        from,
        limit,
      )
      .toArray();
  }
}

/** `where` has one place to fill, for `from`. */
type Query = {
  readonly order: "cursor" | "span";
  readonly where: string;
  readonly jobId: string;
  readonly from: number;
  readonly isNewestFirst?: boolean;
};

/** SQLite's own word for it. */
const NO_LIMIT = -1;

function toTelemetry(row: Row): readonly Telemetry[] {
  return row.span === null ? toFollowUp(row) : toSpan(row);
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
  return span.success ? [{ kind: "span", place: row.place, value: span.data }] : [];
}

function toFollowUp(row: Row): readonly Telemetry[] {
  const parsed = FollowUp.safeParse(bodyOf(row)["followUp"]);
  return parsed.success ? [{ kind: "follow-up", place: row.place, value: parsed.data }] : [];
}
