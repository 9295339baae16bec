import * as z from "zod";
import { Card } from "../../shared/board.ts";
import { type BoardState, emptyBoard, keyOf, type Pinned, type Removed } from "./cards.ts";

/** Version of the stored cards. */
const ROW_VERSION = 1;

const statements = [
  `CREATE TABLE IF NOT EXISTS card (execution_id TEXT NOT NULL, job_id TEXT NOT NULL, revision INTEGER NOT NULL,
     state TEXT NOT NULL, PRIMARY KEY (execution_id, job_id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS removed (execution_id TEXT PRIMARY KEY, revision INTEGER NOT NULL,
     through INTEGER NOT NULL) WITHOUT ROWID`,
  "CREATE TABLE IF NOT EXISTS board (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, floor INTEGER NOT NULL)",
];

const CardRow = z.object({ version: z.literal(ROW_VERSION), card: Card });

export type Loaded = {
  readonly state: BoardState;
  /** Rows that could not be read. */
  readonly unreadable: number;
};

/** The only SQL of the `Board` object. Nothing exists before the first card: reading a name that is no board writes nothing. */
export class CardStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** A card that cannot be read is left out, and its row left alone; a live job tells again within a minute. */
  load(): Loaded {
    if (!this.#hasTables()) return { state: emptyBoard, unreadable: 0 };
    this.#ensureTables();
    const rows = this.#sql
      .exec<{ revision: number; state: string }>("SELECT revision, state FROM card ORDER BY revision")
      .toArray();
    const cards = new Map<string, Pinned>();
    for (const { revision, state } of rows) {
      const parsed = CardRow.safeParse(jsonOf(state));
      if (parsed.success) cards.set(keyOf(parsed.data.card), { revision, card: parsed.data.card });
    }
    const [head] = this.#sql
      .exec<{ revision: number; floor: number }>("SELECT revision, floor FROM board WHERE id = 1")
      .toArray();
    const state = { ...emptyBoard, ...head, cards, removed: this.#removed() };
    return { state, unreadable: rows.length - cards.size };
  }

  /** Writes what differs, all or nothing. */
  commit(before: BoardState, after: BoardState): void {
    if (before === after) return;
    this.#storage.transactionSync(() => {
      if (before.revision === 0) this.#ensureTables();
      this.#sql.exec("INSERT OR REPLACE INTO board VALUES (1, ?, ?)", after.revision, after.floor);
      this.#commitCards(before.cards, after.cards);
      this.#commitRemoved(before.removed, after.removed);
    });
  }

  #commitCards(before: BoardState["cards"], after: BoardState["cards"]): void {
    for (const [key, { card }] of before) {
      if (after.has(key)) continue;
      this.#sql.exec("DELETE FROM card WHERE execution_id = ? AND job_id = ?", card.executionId, card.jobId);
    }
    for (const [key, pinned] of after) {
      if (before.get(key) === pinned) continue;
      const { revision, card } = pinned;
      const state = JSON.stringify({ version: ROW_VERSION, card });
      this.#sql.exec(
        "INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?)",
        card.executionId,
        card.jobId,
        revision,
        state,
      );
    }
  }

  #commitRemoved(before: BoardState["removed"], after: BoardState["removed"]): void {
    for (const executionId of before.keys()) {
      if (!after.has(executionId)) this.#sql.exec("DELETE FROM removed WHERE execution_id = ?", executionId);
    }
    for (const [executionId, each] of after) {
      if (before.get(executionId) === each) continue;
      // Those that cannot be read too: nobody else would ever take them off.
      this.#sql.exec("DELETE FROM card WHERE execution_id = ? AND revision < ?", executionId, each.revision);
      this.#sql.exec(
        "INSERT OR REPLACE INTO removed VALUES (?, ?, ?)",
        executionId,
        each.revision,
        each.through,
      );
    }
  }

  #removed(): ReadonlyMap<string, Removed> {
    const rows = this.#sql.exec<{ execution_id: string; revision: number; through: number }>(
      "SELECT * FROM removed ORDER BY revision",
    );
    return new Map(rows.toArray().map(({ execution_id: executionId, ...each }) => [executionId, each]));
  }

  #hasTables(): boolean {
    const sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'board'";
    return this.#sql.exec(sql).toArray().length > 0;
  }

  #ensureTables(): void {
    for (const statement of statements) this.#sql.exec(statement);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not JSON: the caller's schema refuses it.
  }
}
