/** The event log as lines for people. */
import { type TerminalLine, terminalLines } from "../../shared/event-lines.ts";
import { argsOf, fieldOf, prunedWords } from "../../shared/event-words.ts";
import type { ExecutionEvent, LogEntry } from "../../shared/events.ts";
import type { Paint } from "../paint.ts";
import { toClock, toDuration } from "../time.ts";

export type ToolCall = { readonly tool: string; readonly args: string; readonly at: number };

export type EventLines = {
  /** The lines an entry adds; a tool call has one, when it has ended. */
  readonly add: (entry: LogEntry) => readonly string[];
  /** Tool calls under way, oldest first. */
  readonly calls: () => readonly ToolCall[];
};

const LABEL_CHARS = 9;

export function createEventLines(paint: Paint): EventLines {
  const calls = new Map<string, ToolCall>();
  const toLine = (at: number, { label, text, style }: TerminalLine): string => {
    const head = label.padEnd(LABEL_CHARS);
    return `${paint("dim", toClock(at))}  ${style === undefined ? head : paint(style, head)}  ${text}`.trimEnd();
  };
  const add = (entry: LogEntry): readonly string[] => {
    if (entry.kind === "gap") return [paint("yellow", describePruned(entry.gap.count))];
    const { event } = entry;
    const callId = `${event.attempt ?? 0} ${fieldOf(event, "callId")}`;
    if (event.kind === "tool-start") {
      calls.set(callId, { ...toCall(event), at: event.at });
    }
    if (event.kind === "tool-end") calls.delete(callId);
    // What never ended is shown all the same, as it was left.
    const left = endsCalls.has(event.kind) ? [...calls.values()] : [];
    if (endsCalls.has(event.kind)) calls.clear();
    return [
      ...left.map((call) =>
        toLine(call.at, { label: "tool", text: toolText(call, "never ended"), style: "yellow" }),
      ),
      // Sums stand in the view; one by one they drown what happens.
      ...(event.kind === "usage" ? [] : describe(event)).map((line) => toLine(event.at, line)),
    ];
  };
  return { add, calls: () => [...calls.values()] };
}

/** Nothing of an attempt goes on after these. */
const endsCalls: ReadonlySet<string> = new Set(["terminal", "instance-exited", "attempt-started"]);

export function describePruned(count: number): string {
  return `          ┄ ${prunedWords(count)} ┄`;
}

export function describe(event: ExecutionEvent): readonly TerminalLine[] {
  return terminalLines(event, writing, endText);
}

const writing = { duration: toDuration, clock: toClock };

function toolText({ tool, args }: Omit<ToolCall, "at">, state: string): string {
  return `${tool.padEnd(6)} ${state}  ${args}`.trimEnd();
}

function toCall(event: ExecutionEvent): Omit<ToolCall, "at"> {
  return { tool: fieldOf(event, "tool"), args: argsOf(event) };
}

function endText(event: ExecutionEvent): string {
  const took = toDuration(Number(event["durationMs"])).padStart(7);
  return toolText(toCall(event), `${event["ok"] === true ? "ok    " : "failed"} ${took}`);
}
