/** Turns an execution's events into lines for a person who watches. */
import { argsOf, fieldOf, type Tone, wordsOf } from "../shared/event-words.ts";
import type { ExecutionEvent } from "../shared/events.ts";
import { toPlainLine } from "../shared/plain-text.ts";
import type { Paint, Style } from "./system.ts";

export type Progress = {
  /** The lines an event adds; a tool call has one, when it has ended. */
  readonly add: (event: ExecutionEvent) => readonly string[];
  /** The tool call under way, or null. */
  readonly pending: () => string | null;
};

type Line = { readonly label: string; readonly text: string; readonly style?: Style };

const LABEL_CHARS = 9;
const TOOL_CHARS = 5;
const TEXT_CHARS = 400;

export function createProgress(startedAt: number, paint: Paint): Progress {
  const calls = new Map<string, Line & { readonly at: number }>();
  const toLine = (at: number, { label, text, style }: Line): string => {
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

/** What an event comes to; nothing where it has nothing to say to people. */
function describe(event: ExecutionEvent): readonly Line[] {
  const { label, text, tone } = wordsOf(event, writing);
  const style = styles[tone];
  const line = { label, text, ...(style !== undefined && { style }) };
  switch (event.kind) {
    case "tool-start":
    // The sums stand in the view at the end.
    case "usage":
      return [];
    case "tool-end":
      return [{ ...line, text: describeEnd(event) }];
    case "output":
      return text
        .split("\n")
        .flatMap((each) => (each.trim() === "" ? [] : [{ label, text: toPlainLine(each, TEXT_CHARS) }]));
    default:
      return [line];
  }
}

const writing = { duration: toDuration, clock: (at: number) => new Date(at).toLocaleTimeString() };

const styles: Readonly<Partial<Record<Tone, Style>>> = {
  strong: "bold",
  active: "cyan",
  good: "green",
  warn: "yellow",
  bad: "red",
};

function describeCall(event: ExecutionEvent): Line {
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
