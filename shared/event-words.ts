/** Events in words, for people at a terminal or at the page. */

import type { ExecutionEvent } from "./events.ts";
import { memberOf } from "./json.ts";
import { toPlainLine, toPlainText } from "./plain-text.ts";

export type Tone = "plain" | "strong" | "active" | "good" | "warn" | "bad";

export type Words = {
  /** One word or two: whose or of what. */
  readonly label: string;
  /** On one line, save what an agent or a harness printed. */
  readonly text: string;
  readonly tone: Tone;
};

/** How whoever shows it writes durations and times of day. */
export type Writing = {
  readonly duration: (ms: number) => string;
  readonly clock: (at: number) => string;
};

const TEXT_CHARS = 400;
const ARGS_CHARS = 120;

export function wordsOf(event: ExecutionEvent, { duration, clock }: Writing): Words {
  const text = (name: string): string => fieldOf(event, name);
  switch (event.kind) {
    case "dispatched":
      return words(
        "job",
        `${toPlainLine(event.jobId ?? "", TEXT_CHARS)} is stored and its deadlines are armed`,
      );
    case "instance-started":
      return words("container", after(event["coldStartMs"], duration), "active");
    case "attempt-started":
      return words(`attempt ${event.attempt ?? "?"}`, "begins", "active");
    case "phase":
      return words("phase", text("phase"), "strong");
    case "tool-start":
      return words("tool", `${text("tool")} begins  ${argsOf(event)}`.trimEnd());
    case "tool-end": {
      const isOk = event["ok"] === true;
      const took = duration(Number(event["durationMs"] ?? 0));
      const said = `${text("tool")} ${isOk ? "ok" : "failed"} after ${took}  ${argsOf(event)}`;
      return words("tool", said.trimEnd(), isOk ? "good" : "bad");
    }
    case "output":
      return words(text("stream") || "output", toPlainText(textOf(event["text"])).trimEnd());
    case "follow-up": {
      const { followUp } = event;
      const isQuestion = fieldOf(followUp, "kind") === "question";
      return words(isQuestion ? "question" : "follow-up", fieldOf(followUp, "title"), "warn");
    }
    case "progress": {
      const { progress } = event;
      return words("progress", `${fieldOf(progress, "completed")} of ${fieldOf(progress, "total")} done`);
    }
    case "usage": {
      const model = text("model");
      const tokens = `${text("inputTokens")} tokens in, ${text("outputTokens")} out`;
      return words("usage", model === "" ? tokens : `${tokens} (${model})`);
    }
    case "note":
      return words("note", `${text("code")}: ${text("text")}`);
    case "gap":
      return words("gap", `${missing(event["count"])}: ${text("reason")}`, "warn");
    case "instance-exited": {
      const code = text("code");
      const known = code === "" ? "exit code unknown" : `exit code ${code}`;
      return words("container", `ended: ${text("cause")}, ${known}`, "active");
    }
    case "deadline-extended": {
      const { until } = event;
      const when = typeof until === "number" ? clock(until) : "later";
      return words("extended", `${text("deadline")} until ${when}`, "active");
    }
    case "terminal":
      return words("ended", text("status"), text("status") === "done" ? "good" : "bad");
    default: {
      // Kinds that speak for themselves, and those of a later version.
      const said = ["cause", "decision", "reason", "code", "text"].map(text).filter((each) => each !== "");
      return words("object", [toPlainLine(event.kind, 60), ...said].join(" "), "warn");
    }
  }
}

/** Of lines that pruning dropped. */
export function prunedWords(count: number): string {
  return `${count} older ${count === 1 ? "event is" : "events are"} no longer kept`;
}

/** The agent's own list is shown as progress, and its arguments would say it twice. */
export function argsOf(event: ExecutionEvent): string {
  return fieldOf(event, "tool") === "todo" ? "" : toPlainLine(textOf(event["argsSummary"]), ARGS_CHARS);
}

/** A text or number of a record, on one line; empty where there is none. */
export function fieldOf(record: unknown, name: string): string {
  return toPlainLine(textOf(memberOf(record, name)), TEXT_CHARS);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function words(label: string, text: string, tone: Tone = "plain"): Words {
  return { label, text, tone };
}

function after(coldStartMs: unknown, duration: Writing["duration"]): string {
  return typeof coldStartMs === "number" ? `ready after ${duration(coldStartMs)}` : "ready";
}

function missing(count: unknown): string {
  const known = typeof count === "number" ? `${count}` : "an unknown number of";
  return `${known} ${count === 1 ? "event is" : "events are"} missing`;
}
