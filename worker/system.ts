/** The clock, the randomness and the log of production; the only file of the Worker that reads either. */

import { redact } from "../shared/redact.ts";
import type { Clock, Log, LogLevel, Random, Timer } from "./ports.ts";

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = { id: () => crypto.randomUUID() };

export const systemTimer: Timer = {
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
};

/**
 * One JSON object a line on the console, which is where Workers Logs reads. Redaction is the last stage, so that no field
 * and no text leaves by another way.
 * @param context fields of every line: `executionId`, `jobId`, `requestId`
 */
export function createSystemLog(context: Readonly<Record<string, unknown>> = {}): Log {
  return {
    write: (level, event, fields = {}) => {
      const line = { ts: new Date(Date.now()).toISOString(), level, event, ...context, ...fields };
      sinks[level](redact(JSON.stringify(line, readable)));
    },
    child: (more) => createSystemLog({ ...context, ...more }),
  };
}

export const systemLog: Log = createSystemLog();

const sinks: Readonly<Record<LogLevel, (line: string) => void>> = {
  debug: (line) => console.debug(line),
  info: (line) => console.info(line),
  warn: (line) => console.warn(line),
  error: (line) => console.error(line),
};

/** An `Error` is `{}` to `JSON.stringify`, and a bigint ends it. */
function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  return typeof value === "bigint" ? String(value) : value;
}
