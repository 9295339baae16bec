import type { BundleHead } from "../../../shared/bundle/line.ts";

/**
 * Hashes of the bundle's lines at which jobs have ended; made from the log, and dropped by pruning where it drops a line
 * before them.
 */
export class Heads {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  of(jobId: string, round: number): BundleHead | null {
    return this.#first("job_id = ? AND round = ?", jobId, round);
  }

  /** The newest at or before a cursor: a chain may go on from there. */
  before(cursor: number): BundleHead | null {
    return this.#first("cursor <= ? ORDER BY cursor DESC LIMIT 1", cursor);
  }

  keep(jobId: string, round: number, { cursor, head }: BundleHead): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO head (job_id, round, cursor, hash) VALUES (?, ?, ?, ?)",
      jobId,
      round,
      cursor,
      head,
    );
  }

  #first(where: string, ...bindings: readonly (string | number)[]): BundleHead | null {
    const [row] = this.#sql
      .exec<{ cursor: number; hash: string }>(`SELECT cursor, hash FROM head WHERE ${where}`, ...bindings)
      .toArray();
    return row === undefined ? null : { cursor: row.cursor, head: row.hash };
  }
}
