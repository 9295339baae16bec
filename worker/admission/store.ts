import * as z from "zod";
import type { Line, Totals } from "./line.ts";
import type { Place } from "./place.ts";

/** Version of the stored rows. */
const ROW_VERSION = 1;

const statements = [
  "CREATE TABLE IF NOT EXISTS place (execution_id TEXT PRIMARY KEY, state TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS totals (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)",
];

const time = z.number();
const count = z.int().min(0);
const PlaceRow = z.object({
  version: z.literal(ROW_VERSION),
  executionId: z.string(),
  kind: z.enum(["slot", "waiting", "watched"]),
  lapsed: z.boolean(),
  ticket: count,
  since: time,
  renewedAt: time,
  checkAt: time,
  failures: count,
  touch: count,
});
const TotalsRow = z.object({
  version: z.literal(ROW_VERSION),
  swept: count,
  failed: count,
  orphans: count,
  orphanMs: z.number().min(0),
});

export type Loaded = Pick<Line, "places" | "counter" | "totals"> & {
  /** Rows that could not be read, of which only the execution's name is known. */
  readonly unreadable: number;
};

/** The only SQL of the `Admission` object: one small row for each execution that is live, waits or is watched. */
export class LineStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    for (const statement of statements) this.#sql.exec(statement);
  }

  /** Of a row that cannot be read the name is enough to ask its execution, which may have lost its alarm. */
  load(now: number): Loaded {
    const rows = this.#sql.exec<{ execution_id: string; state: string }>("SELECT * FROM place").toArray();
    const places = new Map<string, Place>();
    let unreadable = 0;
    for (const { execution_id: executionId, state } of rows) {
      const parsed = PlaceRow.safeParse(jsonOf(state));
      if (parsed.success) {
        const { version: _known, ...place } = parsed.data;
        places.set(executionId, place);
      } else {
        unreadable += 1;
        places.set(executionId, onlyNamed(executionId, now));
      }
    }
    const counters = [...places.values()].map(({ ticket, touch }) => Math.max(ticket, touch));
    return {
      places,
      counter: counters.reduce((a, b) => Math.max(a, b), 0),
      totals: this.#totals(),
      unreadable,
    };
  }

  /** Writes what differs, all or nothing. */
  commit(before: Line, after: Line): void {
    if (before.places === after.places && before.totals === after.totals) return;
    this.#storage.transactionSync(() => {
      for (const [executionId, place] of after.places) {
        if (before.places.get(executionId) !== place) this.#write("place", executionId, place);
      }
      for (const executionId of before.places.keys()) {
        if (!after.places.has(executionId)) {
          this.#sql.exec("DELETE FROM place WHERE execution_id = ?", executionId);
        }
      }
      if (before.totals !== after.totals) this.#write("totals", 1, after.totals);
    });
  }

  #totals(): Totals {
    const [row] = this.#sql.exec<{ state: string }>("SELECT state FROM totals WHERE id = 1").toArray();
    const parsed = TotalsRow.safeParse(row === undefined ? null : jsonOf(row.state));
    if (!parsed.success) return { swept: 0, failed: 0, orphans: 0, orphanMs: 0 };
    const { version: _known, ...totals } = parsed.data;
    return totals;
  }

  #write(table: "place" | "totals", key: string | number, state: Place | Totals): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${table} VALUES (?, ?)`,
      key,
      JSON.stringify({ version: ROW_VERSION, ...state }),
    );
  }
}

/** First in line when it asks again: nobody knows how long it has waited. */
function onlyNamed(executionId: string, now: number): Place {
  const unknown = { lapsed: true, ticket: 0, failures: 0, touch: 0 };
  return { ...unknown, executionId, kind: "watched", since: now, renewedAt: now, checkAt: now };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not JSON: the caller's schema refuses it.
  }
}
