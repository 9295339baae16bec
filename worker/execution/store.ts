import type { Effect } from "./effect.ts";
import type { NewEvent, NewResult } from "./lifecycle/turn.ts";
import { ensureTables, hasTables } from "./storage/schema.ts";
import { completeExecution, completeJob } from "./storage/upgrade.ts";
import { EventLog } from "./storage/event-log.ts";
import { Heads } from "./storage/heads.ts";
import { TelemetryLog } from "./storage/telemetry-log.ts";
import { type ExecutionState, isTerminal, type Job, STATE_VERSION } from "./state.ts";
import type { SealedChunk } from "../sealing.ts";
import type { ToldJobs } from "./board/news.ts";

export type PendingEffect = { readonly id: number; readonly effect: Effect };

export type SealedSpec = {
  readonly jobId: string;
  readonly round: number;
  readonly chunks: readonly SealedChunk[];
};

/** What one step leaves to be written, in one transaction with the alarm. */
export type Commit = {
  readonly before: ExecutionState | null;
  readonly after: ExecutionState;
  readonly effects: readonly Effect[];
  readonly events: readonly NewEvent[];
  readonly results: readonly NewResult[];
  readonly spec: SealedSpec | null;
  readonly now: number;
};

/**
 * The only SQL of an execution. Nothing exists before the first commit: reading an object that was never dispatched to
 * writes nothing.
 */
export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly log: EventLog;
  readonly telemetry: TelemetryLog;
  readonly heads: Heads;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.log = new EventLog(storage.sql);
    this.telemetry = new TelemetryLog(storage.sql);
    this.heads = new Heads(storage.sql);
  }

  load(): ExecutionState | null {
    if (!hasTables(this.#sql)) return null;
    // An object of an earlier version may lack a table that was added since.
    ensureTables(this.#sql);
    const [row] = this.#sql.exec<{ state: string }>("SELECT state FROM execution WHERE id = 1").toArray();
    if (row === undefined) return null;
    const jobs = this.#sql
      .exec<{ state: string }>("SELECT state FROM job ORDER BY position")
      .toArray()
      .map((each) => readJob(each.state));
    return { ...readExecution(row.state), jobs };
  }

  /** Writes what a step came to, all or nothing, and returns the ids of its effects. */
  commit({ before, after, effects, events, results, spec, now }: Commit): readonly PendingEffect[] {
    return this.#storage.transactionSync(() => {
      if (before === null) ensureTables(this.#sql);
      this.#writeState(before, after);
      if (spec !== null) this.#writeSpec(spec);
      for (const { jobId, round, result } of results) {
        this.#sql.exec("DELETE FROM result WHERE job_id = ?", jobId);
        this.#sql.exec(
          "INSERT INTO result (job_id, round, body) VALUES (?, ?, ?)",
          jobId,
          round,
          JSON.stringify(result),
        );
      }
      this.log.append(events);
      return effects.map((effect) => ({ id: this.#writeEffect(effect, now), effect }));
    });
  }

  pendingEffects(): readonly PendingEffect[] {
    if (!hasTables(this.#sql)) return [];
    return this.#sql
      .exec<{ id: number; body: string }>("SELECT id, body FROM effect ORDER BY id")
      .toArray()
      .map(({ id, body }) => ({ id, effect: readEffect(body) }));
  }

  effectDone(id: number): void {
    this.#sql.exec("DELETE FROM effect WHERE id = ?", id);
  }

  /** The sealed spec of a job's round; empty once it was wiped. */
  spec(jobId: string, round: number): readonly SealedChunk[] {
    return this.#sql
      .exec<{ chunk: number; key_id: string; iv: ArrayBuffer; data: ArrayBuffer }>(
        "SELECT chunk, key_id, iv, data FROM spec WHERE job_id = ? AND round = ? ORDER BY chunk",
        jobId,
        round,
      )
      .toArray()
      .map((row) => ({
        chunk: row.chunk,
        keyId: row.key_id,
        iv: new Uint8Array(row.iv),
        data: new Uint8Array(row.data),
      }));
  }

  replaceSpec(spec: SealedSpec): void {
    this.#storage.transactionSync(() => this.#writeSpec(spec));
  }

  /** The newest stored result of a job as JSON text. */
  result(jobId: string, round: number): string | null {
    const [row] = this.#sql
      .exec<{ body: string }>("SELECT body FROM result WHERE job_id = ? AND round = ?", jobId, round)
      .toArray();
    return row?.body ?? null;
  }

  /** The pull request that the stored result names; null where there is none. */
  prUrl(jobId: string, round: number): string | null {
    const [row] = this.#sql
      .exec<{ url: SqlStorageValue }>(
        "SELECT json_extract(body, '$.prUrl') AS url FROM result WHERE job_id = ? AND round = ?",
        jobId,
        round,
      )
      .toArray();
    return typeof row?.url === "string" ? row.url : null;
  }

  /** What the board has of each job. */
  told(): ToldJobs {
    if (!hasTables(this.#sql)) return new Map();
    const rows = this.#sql.exec<{ job_id: string; revision: number; gist: string; at: number }>(
      "SELECT job_id, revision, gist, at FROM told",
    );
    return new Map(rows.toArray().map(({ job_id: jobId, ...told }) => [jobId, told]));
  }

  keepTold(told: ToldJobs): void {
    this.#storage.transactionSync(() => {
      for (const [jobId, { revision, gist, at }] of told) {
        this.#sql.exec("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", jobId, revision, gist, at);
      }
    });
  }

  #writeState(before: ExecutionState | null, after: ExecutionState): void {
    if (before === after) return;
    const { jobs, ...rest } = after;
    this.#sql.exec("INSERT OR REPLACE INTO execution (id, state) VALUES (1, ?)", JSON.stringify(rest));
    const old = new Map((before?.jobs ?? []).map((job, position) => [job.jobId, { job, position }]));
    for (const [position, job] of jobs.entries()) {
      const known = old.get(job.jobId);
      if (known?.job === job && known.position === position) continue;
      this.#sql.exec(
        "INSERT OR REPLACE INTO job (job_id, position, state) VALUES (?, ?, ?)",
        job.jobId,
        position,
        JSON.stringify(job),
      );
      // Credentials are not kept a moment longer than the work they are for.
      if (isTerminal(job.status)) this.#sql.exec("DELETE FROM spec WHERE job_id = ?", job.jobId);
    }
  }

  #writeSpec({ jobId, round, chunks }: SealedSpec): void {
    this.#sql.exec("DELETE FROM spec WHERE job_id = ?", jobId);
    for (const { chunk, keyId, iv, data } of chunks) {
      this.#sql.exec(
        "INSERT INTO spec (job_id, round, chunk, key_id, iv, data) VALUES (?, ?, ?, ?, ?, ?)",
        jobId,
        round,
        chunk,
        keyId,
        iv,
        data,
      );
    }
  }

  #writeEffect(effect: Effect, now: number): number {
    return this.#sql
      .exec<{ id: number }>(
        "INSERT INTO effect (created_at, body) VALUES (?, ?) RETURNING id",
        now,
        JSON.stringify(effect),
      )
      .one().id;
  }
}

// What this object wrote is read as it was written; what an earlier version wrote is completed.

function readExecution(text: string): Omit<ExecutionState, "jobs"> {
  const state: Omit<ExecutionState, "jobs"> = JSON.parse(text);
  if (state.version !== STATE_VERSION) throw new Error(`stored state has version ${String(state.version)}`);
  return completeExecution(state);
}

function readJob(text: string): Job {
  const job: Job = JSON.parse(text);
  return completeJob(job);
}

function readEffect(text: string): Effect {
  const effect: Effect = JSON.parse(text);
  return effect;
}
