import type { Log, LogLevel } from "./ports.ts";

export type LogOptions = {
  readonly now: () => number;
  /** Takes one finished line; warnings and errors are told apart for those who split the streams. */
  readonly write: (line: string, level: LogLevel) => void;
  /** The last stage before a text leaves: every string of every field passes it. */
  readonly redact: (text: string) => string;
  readonly context?: Readonly<Record<string, unknown>>;
};

/** Lines of JSON. A field that cannot be written as JSON is told by its name and never stops the caller. */
export function createLog(options: LogOptions): Log {
  const { now, write, redact, context = {} } = options;
  return {
    write: (level, event, fields = {}) => {
      const line = { ...context, ...fields, ts: new Date(now()).toISOString(), level, event };
      write(JSON.stringify(toLoggable(line, redact, 0)), level);
    },
    child: (more) => createLog({ ...options, context: { ...context, ...more } }),
  };
}

/** Deeper values are cut: a log line is a fact, not a document. */
const MAX_DEPTH = 4;

function toLoggable(value: unknown, redact: (text: string) => string, depth: number): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return redact(value.stack ?? value.message);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((item) => toLoggable(item, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toLoggable(item, redact, depth + 1)]),
  );
}
