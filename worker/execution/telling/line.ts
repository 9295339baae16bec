import type { LogIds, LogLevel, LogLine } from "../../ports.ts";

/** The arguments in the order in which a log takes them, so that every name of an event is found by one search. */
export function line(
  level: LogLevel,
  event: string,
  about: LogIds,
  fields: Readonly<Record<string, unknown>> = {},
): LogLine {
  return { level, event, about, fields };
}
