/** Events as the server tells them, with defaults. */
import type { EventsPage, ExecutionEvent, LogEntry } from "../../../shared/events.ts";

export const t0 = Date.UTC(2099, 0, 1);

let cursor = 0;

/** @param atMs since the acceptance of the job */
export function event(kind: string, atMs: number, fields: Record<string, unknown> = {}): ExecutionEvent {
  cursor += 1;
  return {
    cursor,
    at: t0 + atMs,
    kind,
    jobId: "e_1-coder",
    round: 1,
    attempt: 1,
    instance: "i1",
    ...fields,
  };
}

export function entries(...events: readonly ExecutionEvent[]): readonly LogEntry[] {
  return events.map((each) => ({ kind: "event", event: each }));
}

/** Cursors from one to another as events of a page. */
export function page(from: number, to: number, fields: Partial<EventsPage> = {}): EventsPage {
  const events = Array.from({ length: Math.max(0, to - from + 1) }, (_each, index) => ({
    ...event("output", index, { stream: "agent", text: `line ${from + index}` }),
    cursor: from + index,
  }));
  return { executionId: "e_1", events, next: to, newest: to, gaps: [], ...fields };
}
