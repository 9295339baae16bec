/** Turns an execution's events into lines for a person who watches. */
import type { ExecutionEvent } from "../shared/events.ts";
import { memberOf } from "../shared/json.ts";
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
    const callId = field(event, "callId");
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

function describe(event: ExecutionEvent): readonly Line[] {
  switch (event.kind) {
    case "dispatched":
      return [{ label: "job", text: "dispatched: it is stored and its deadlines are armed" }];
    case "instance-started":
      return [
        {
          label: "container",
          text: `ready after ${toDuration(Number(event["coldStartMs"]))}`,
          style: "cyan",
        },
      ];
    case "attempt-started":
      return [{ label: "attempt", text: `${event.attempt ?? "?"} begins` }];
    case "phase":
      return [{ label: "phase", text: field(event, "phase"), style: "bold" }];
    case "tool-end":
      return [describeEnd(event)];
    case "output":
      return describeOutput(event);
    case "follow-up":
      return [{ label: "follow-up", text: field(event["followUp"], "title"), style: "yellow" }];
    case "progress":
      return [{ label: "progress", text: describeCount(event["progress"]) }];
    case "note":
      return [{ label: "note", text: `${field(event, "code")}: ${field(event, "text")}` }];
    case "gap":
      return [{ label: "gap", text: describeGap(event), style: "red" }];
    case "instance-exited":
      return [{ label: "container", text: `ended: ${field(event, "cause")}`, style: "cyan" }];
    case "cancel-requested":
    case "released":
    case "verdict":
    case "internal-error":
      return [{ label: "object", text: [event.kind, field(event, "reason")].join(" "), style: "yellow" }];
    case "terminal":
      return [describeTerminal(event)];
    // A newer Worker may tell of more than this program knows.
    default:
      return [];
  }
}

function describeCall(event: ExecutionEvent): Line {
  const tool = field(event, "tool").padEnd(TOOL_CHARS);
  return { label: "tool", text: `${tool} …               ${field(event, "argsSummary")}` };
}

function describeEnd(event: ExecutionEvent): Line {
  const isOk = event["ok"] === true;
  const tool = field(event, "tool").padEnd(TOOL_CHARS);
  const took = toDuration(Number(event["durationMs"])).padStart(8);
  const text = `${tool} ${isOk ? "ok    " : "failed"} ${took}  ${field(event, "argsSummary")}`;
  return { label: "tool", text, style: isOk ? "green" : "red" };
}

function describeOutput(event: ExecutionEvent): readonly Line[] {
  const label = { agent: "agent", harness: "harness", stderr: "stderr" }[field(event, "stream")] ?? "output";
  const lines = textOf(event["text"]).split("\n");
  return lines.flatMap((line) => (line.trim() === "" ? [] : [{ label, text: toPlain(line) }]));
}

function describeGap(event: ExecutionEvent): string {
  const count = typeof event["count"] === "number" ? event["count"] : "an unknown number of";
  return `${count} events are missing: ${field(event, "reason")}`;
}

function describeCount(progress: unknown): string {
  return `${field(progress, "completed")} of ${field(progress, "total")} done`;
}

function describeTerminal(event: ExecutionEvent): Line {
  const status = field(event, "status");
  return { label: "ended", text: status, style: status === "done" ? "green" : "red" };
}

function toDuration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A text or number of a record as plain text; empty where there is none. */
function field(record: unknown, name: string): string {
  return toPlain(textOf(memberOf(record, name)));
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function toPlain(text: string): string {
  return toPlainLine(text, TEXT_CHARS);
}
