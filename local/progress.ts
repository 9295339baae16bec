/** Turns an execution's events into lines for a terminal. */
import type { ExecutionEvent } from "../shared/events.ts";

/** One line, or null for what a person watching need not see. */
export function toLine(event: ExecutionEvent, startedAt: number): string | null {
  const text = describe(event);
  if (text === null) return null;
  const seconds = ((event.at - startedAt) / 1000).toFixed(1).padStart(6);
  return `${seconds} s  ${text}`;
}

function describe(event: ExecutionEvent): string | null {
  switch (event.kind) {
    case "dispatched":
      return "dispatched: the job is stored and its deadlines are armed";
    case "instance-started":
      return `container ready after ${field(event, "coldStartMs")} ms`;
    case "attempt-started":
      return `attempt ${event.attempt ?? "?"} begins`;
    case "phase":
      return `phase   ${field(event, "phase")}`;
    case "tool-start":
      return `tool    ${field(event, "tool")}  ${field(event, "argsSummary")}`;
    case "tool-end":
      return `        ${event["ok"] === true ? "ok" : "failed"} after ${field(event, "durationMs")} ms`;
    case "output":
      return event["stream"] === "agent" ? `agent   ${firstLine(field(event, "text"))}` : null;
    case "progress":
      return null;
    case "note":
      return `note    ${field(event, "text")}`;
    case "gap":
      return `gap     ${field(event, "count")} events are missing: ${field(event, "reason")}`;
    case "instance-exited":
      return `container ended (${field(event, "cause")})`;
    case "terminal":
      return `ended   ${field(event, "status")}`;
    default:
      return null;
  }
}

function field(event: ExecutionEvent, name: string): string {
  const value = event[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]?.slice(0, 160) ?? "";
}
