/** The event log as lines for people. */
import type { ExecutionEvent, LogEntry } from "../../shared/events.ts";
import { toPlainLine, toPlainText } from "../../shared/plain-text.ts";
import type { Paint, Style } from "../paint.ts";
import { toClock, toDuration } from "../time.ts";

export type ToolCall = { readonly tool: string; readonly args: string; readonly at: number };

export type EventLines = {
  /** The lines an entry adds; a tool call has one, when it has ended. */
  readonly add: (entry: LogEntry) => readonly string[];
  /** Tool calls under way, oldest first. */
  readonly calls: () => readonly ToolCall[];
};

type Line = { readonly label: string; readonly text: string; readonly style?: Style };

const LABEL_CHARS = 9;
const TEXT_CHARS = 400;
const ARGS_CHARS = 120;

export function createEventLines(paint: Paint): EventLines {
  const calls = new Map<string, ToolCall>();
  const toLine = (at: number, { label, text, style }: Line): string => {
    const head = label.padEnd(LABEL_CHARS);
    return `${paint("dim", toClock(at))}  ${style === undefined ? head : paint(style, head)}  ${text}`.trimEnd();
  };
  const add = (entry: LogEntry): readonly string[] => {
    if (entry.kind === "gap") return [paint("yellow", describePruned(entry.gap.count))];
    const { event } = entry;
    const callId = `${event.attempt ?? 0} ${field(event, "callId")}`;
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
  return `          ┄ ${count} older ${count === 1 ? "event is" : "events are"} no longer kept ┄`;
}

/** One line, or none where an event has nothing to say to people; text of an agent has as many as it has. */
export function describe(event: ExecutionEvent): readonly Line[] {
  switch (event.kind) {
    case "dispatched":
      return [{ label: "job", text: `${jobOf(event)} is stored and its deadlines are armed` }];
    case "instance-started":
      return [{ label: "container", text: startText(event), style: "cyan" }];
    case "attempt-started":
      return [{ label: `attempt ${event.attempt ?? "?"}`, text: "begins", style: "cyan" }];
    case "phase":
      return [{ label: "phase", text: field(event, "phase"), style: "bold" }];
    case "tool-start":
      return [];
    case "tool-end":
      return [describeEnd(event)];
    case "output":
      return describeOutput(event);
    case "follow-up":
      return [describeFollowUp(event["followUp"])];
    case "progress":
      return [{ label: "progress", text: describeCount(event["progress"]) }];
    case "note":
      return [{ label: "note", text: `${field(event, "code")}: ${field(event, "text")}` }];
    case "gap":
      return [{ label: "gap", text: describeGap(event), style: "yellow" }];
    case "instance-exited":
      return [{ label: "container", text: exitText(event), style: "cyan" }];
    case "deadline-extended":
      return [{ label: "extended", text: extendText(event), style: "cyan" }];
    case "terminal":
      return [describeTerminal(event)];
    case "usage":
      return [{ label: "usage", text: usageText(event) }];
    default:
      return [describeOther(event)];
  }
}

function jobOf({ jobId }: ExecutionEvent): string {
  return toPlainLine(jobId ?? "the job", TEXT_CHARS);
}

function toolText({ tool, args }: Omit<ToolCall, "at">, state: string): string {
  return `${tool.padEnd(6)} ${state}  ${args}`.trimEnd();
}

/** The agent's own list is shown as progress, and its arguments would say it twice. */
function toCall(event: ExecutionEvent): Omit<ToolCall, "at"> {
  const tool = field(event, "tool");
  const args = tool === "todo" ? "" : toPlainLine(textOf(event["argsSummary"]), ARGS_CHARS);
  return { tool, args };
}

function describeEnd(event: ExecutionEvent): Line {
  const isOk = event["ok"] === true;
  const took = toDuration(Number(event["durationMs"])).padStart(7);
  return {
    label: "tool",
    text: toolText(toCall(event), `${isOk ? "ok    " : "failed"} ${took}`),
    style: isOk ? "green" : "red",
  };
}

function describeOutput(event: ExecutionEvent): readonly Line[] {
  const label = { agent: "agent", harness: "harness", stderr: "stderr" }[field(event, "stream")] ?? "output";
  const lines = toPlainText(textOf(event["text"])).split("\n");
  return lines.flatMap((line) =>
    line.trim() === "" ? [] : [{ label, text: toPlainLine(line, TEXT_CHARS) }],
  );
}

function describeFollowUp(followUp: unknown): Line {
  const isQuestion = field(followUp, "kind") === "question";
  return { label: isQuestion ? "question" : "follow-up", text: field(followUp, "title"), style: "yellow" };
}

function describeGap(event: ExecutionEvent): string {
  const { count } = event;
  const missing = typeof count === "number" ? `${count}` : "an unknown number of";
  return `${missing} ${count === 1 ? "event is" : "events are"} missing: ${field(event, "reason")}`;
}

function describeCount(progress: unknown): string {
  return `${field(progress, "completed")} of ${field(progress, "total")} done`;
}

function startText(event: ExecutionEvent): string {
  const coldStartMs = event["coldStartMs"];
  return typeof coldStartMs === "number" ? `ready after ${toDuration(coldStartMs)}` : "ready";
}

function exitText(event: ExecutionEvent): string {
  const code = field(event, "code");
  return `ended: ${field(event, "cause")}, ${code === "" ? "exit code unknown" : `exit code ${code}`}`;
}

function extendText(event: ExecutionEvent): string {
  const until = event["until"];
  return `${field(event, "deadline")} until ${typeof until === "number" ? toClock(until) : "later"}`;
}

function usageText(event: ExecutionEvent): string {
  const model = field(event, "model");
  const tokens = `${field(event, "inputTokens")} tokens in, ${field(event, "outputTokens")} out`;
  return model === "" ? tokens : `${tokens} (${model})`;
}

function describeTerminal(event: ExecutionEvent): Line {
  const status = field(event, "status");
  return { label: "ended", text: status, style: status === "done" ? "green" : "red" };
}

/** Kinds that speak for themselves, and those of a later version. */
function describeOther(event: ExecutionEvent): Line {
  const said = ["cause", "decision", "reason", "code", "text"]
    .map((name) => field(event, name))
    .filter((text) => text !== "");
  return { label: "object", text: [toPlainLine(event.kind, 60), ...said].join(" "), style: "yellow" };
}

/** A text or number of a record, on one line; empty where there is none. */
export function field(record: unknown, name: string): string {
  const value: unknown =
    typeof record === "object" && record !== null ? Reflect.get(record, name) : undefined;
  return toPlainLine(textOf(value), TEXT_CHARS);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
