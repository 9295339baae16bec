/** What the harness takes from outside: time and the log. Production adapters are in `system.ts`. */

export type Clock = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when that is aborted first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line, one fact; `event` is `noun.verb`. Redaction is the last stage before the line leaves. */
export type Log = {
  readonly write: (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly child: (context: Readonly<Record<string, unknown>>) => Log;
};

export type Random = {
  /** A random id, 8–64 characters of [A-Za-z0-9-]. */
  readonly id: () => string;
  /** From 0 to 1, 1 excluded. */
  readonly fraction: () => number;
};
