/** Turns an execution's events into lines for a person who watches. */
import { type TerminalLine, terminalLines } from "../shared/event-lines.ts";
import { argsOf, fieldOf } from "../shared/event-words.ts";
import type { ExecutionEvent } from "../shared/events.ts";
import type { Paint } from "./system.ts";

export type Progress = {
  /** The lines an event adds; a tool call has one, when it has ended. */
  readonly add: (event: ExecutionEvent) => readonly string[];
  /** The tool call under way, or null. */
  readonly pending: () => string | null;
};

const LABEL_CHARS = 9;
const TOOL_CHARS = 5;

export function createProgress(startedAt: number, paint: Paint): Progress {
  const calls = new Map<string, TerminalLine & { readonly at: number }>();
  const toLine = (at: number, { label, text, style }: TerminalLine): string => {
    const seconds = `${((at - startedAt) / 1000).toFixed(1).padStart(6)} s`;
    const head = label.padEnd(LABEL_CHARS);
    return `${paint("dim", seconds)}  ${style === undefined ? head : paint(style, head)} ${text}`;
  };
  const add = (event: ExecutionEvent): readonly string[] => {
    const callId = fieldOf(event, "callId");
    if (event.kind === "tool-start") calls.set(callId, { ...describeCall(event), at: event.at });
    if (event.kind === "tool-end") calls.delete(callId);
    // What never ended is shown all the same, as it was left.
    const left = event.kind === "terminal" ? [...calls.values()] : [];
    if (event.kind === "terminal") calls.clear();
    const lines = [...left, ...describe(event).map((line) => ({ ...line, at: event.at }))];
    return lines.map((line) => toLine(line.at, line));
  };
  const pending = (): string | null => {
    const newest = [...calls.values()].at(-1);
    return newest === undefined ? null : toLine(newest.at, newest);
  };
  return { add, pending };
}

/** Sums stand in the view at the end. */
function describe(event: ExecutionEvent): readonly TerminalLine[] {
  return event.kind === "usage" ? [] : terminalLines(event, writing, describeEnd);
}

const writing = { duration: toDuration, clock: (at: number) => new Date(at).toLocaleTimeString() };

function describeCall(event: ExecutionEvent): TerminalLine {
  return { label: "tool", text: toolText(event, "…".padEnd(14)) };
}

function describeEnd(event: ExecutionEvent): string {
  const took = toDuration(Number(event["durationMs"])).padStart(8);
  return toolText(event, `${event["ok"] === true ? "ok    " : "failed"} ${took}`);
}

function toolText(event: ExecutionEvent, state: string): string {
  return `${fieldOf(event, "tool").padEnd(TOOL_CHARS)} ${state}  ${argsOf(event)}`.trimEnd();
}

function toDuration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
