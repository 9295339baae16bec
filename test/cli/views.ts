import type { ExecutionEvent, LogEntry } from "../../shared/events.ts";
import { JobView } from "../../shared/job-view.ts";
import { resolvePolicy } from "../../shared/policy.ts";

export const at = Date.UTC(2099, 0, 1, 12);

/** A job at work, with what varies from it. */
export function makeView(overrides: Record<string, unknown> = {}): JobView {
  const policy = resolvePolicy({});
  return JobView.parse({
    id: "exec_1-coder",
    state: "running",
    status: "running",
    startedAt: at - 130_000,
    heartbeatAt: at - 4_000,
    phase: "agent",
    executionId: "exec_1",
    round: 1,
    attempt: 1,
    revision: 7,
    asOf: at,
    labels: { title: "Fix the parser" },
    board: "main",
    cursor: 12,
    signals: {
      process: { at: at - 800, ageMs: 800 },
      output: { at: at - 4_000, ageMs: 4_000 },
      tool: { at: at - 12_000, ageMs: 12_000 },
    },
    deadlines: [
      deadline("tick", 20_000, "the container is looked after"),
      deadline("silence", 44_000, "the harness is asked whether it lives unless it beats"),
      deadline("inactivity", 596_000, "the job is stopped unless its agent shows activity", true),
      deadline("max-duration", 3_480_000, "the job is stopped, whatever it does", true),
    ],
    policy: policy.ok ? policy.policy : null,
    notes: [],
    container: {
      id: "c",
      instance: "95b7e2fd",
      image: "harness",
      size: "standard-1",
      running: true,
      coldStartMs: 705,
    },
    exit: null,
    outcome: null,
    recoveries: [],
    gaps: [],
    usage: { containerSeconds: 120, tokens: [] },
    attention: null,
    ...overrides,
  });
}

function deadline(name: string, inMs: number, why: string, extendable = false) {
  return { name, at: at + inMs, remainingMs: inMs, extendable, why };
}

export function makeEvent(kind: string, fields: Record<string, unknown> = {}): ExecutionEvent {
  return { cursor: 1, at, kind, jobId: "exec_1-coder", attempt: 1, instance: "i", ...fields };
}

export function entry(kind: string, fields: Record<string, unknown> = {}): LogEntry {
  return { kind: "event", event: makeEvent(kind, fields) };
}

/** Text that tries to steer a terminal, and what may be left of it. */
export const hostile = "\u001B[2J\u001B]0;owned\u0007\u202Eevil\u009B31m\r\n";
/** Controls save the line feeds between lines, and marks that turn text round. */
// oxlint-disable-next-line no-control-regex -- these are what must not be there
export const steering = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\p{Bidi_Control}]/u;
