import type { Log, LogLevel } from "../../worker/ports.ts";

export type WrittenLine = {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** A log that hands over every line as it would be written, context and all. */
export function recordingLog(
  take: (line: WrittenLine) => void,
  context: Readonly<Record<string, unknown>> = {},
): Log {
  return {
    write: (level, event, fields = {}) => take({ level, event, fields: { ...context, ...fields } }),
    child: (more) => recordingLog(take, { ...context, ...more }),
  };
}
