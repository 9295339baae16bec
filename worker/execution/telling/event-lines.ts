import type { LogIds, LogLine } from "../../ports.ts";
import type { NewEvent } from "../lifecycle/turn.ts";
import { line } from "./line.ts";
import type { Turned } from "./turned.ts";

/**
 * Lines of what the turn stored in the event log. That one has the texts of people and agents; here are codes, causes and
 * what the platform said.
 */
export function eventLines({ stepped }: Turned): readonly LogLine[] {
  return stepped.events.flatMap(lineOf);
}

function lineOf(event: NewEvent): readonly LogLine[] {
  const { body } = event;
  const ids = idsOf(event);
  switch (event.kind) {
    case "dispatched":
      return [
        line("info", "job.dispatched", ids, { ...pick(body, "door"), warnings: sizeOf(body["warnings"]) }),
      ];
    case "attempt-started":
      return [line("info", "attempt.started", ids)];
    case "phase":
      return [line("info", "phase.changed", ids, pick(body, "phase"))];
    case "instance-started":
      return [line("info", "instance.ready", ids, pick(body, "image", "size", "coldStartMs"))];
    case "instance-exited":
      return [exitLine(event, ids)];
    case "verdict":
      return [verdictLine(event, ids)];
    case "deadline-extended":
      return [line("info", "deadline.extended", ids, pick(body, "deadline", "until"))];
    case "cancel-requested":
      return [line("info", "cancel.requested", ids)];
    case "released":
      return [line("info", "release.requested", ids)];
    case "gap":
      return [line("warn", "gap.counted", ids, pick(body, "count", "reason"))];
    case "note":
      return noteLines(event, ids);
    case "late-evidence":
      return [line("warn", "evidence.late", ids, pick(body, "of", "state", "pushed"))];
    case "internal-error":
      return [line("error", "step.failed", ids, pick(body, "text"))];
    // `job-lines.ts` tells of an end with what led to it; the rest is telemetry, which the event log has.
    case "terminal":
    case "output":
    case "tool-start":
    case "tool-end":
    case "progress":
    case "follow-up":
    case "usage":
      return [];
  }
}

function exitLine({ body }: NewEvent, ids: LogIds): LogLine {
  const fields = pick(body, "code", "cause", "by", "message", "proof");
  return body["cause"] === "self-stopped"
    ? line("info", "instance.exited", ids, fields)
    : line("warn", "instance.exited", ids, fields);
}

/** A verdict is on a container that was lost, or on a job that went past a limit. */
function verdictLine({ body }: NewEvent, ids: LogIds): LogLine {
  return "decision" in body
    ? line("warn", "attempt.lost", ids, pick(body, "cause", "code", "by", "decision"))
    : line("warn", "job.overran", ids, pick(body, "cause", "limitMs", "observedMs", "signals"));
}

/** Notes of the object that say that something did not go as it should. */
const surprises: ReadonlySet<unknown> = new Set([
  "beats-unheard",
  "death-not-proved",
  "polled",
  "signal-15-failed",
  "start-cap",
  "stop-not-delivered",
]);

/** Verdicts and recoveries have lines of their own. */
const toldElsewhere: ReadonlySet<unknown> = new Set(["deadline-passed", "recovering"]);

function noteLines({ body, seq }: NewEvent, ids: LogIds): readonly LogLine[] {
  const { code } = body;
  if (seq !== null) return [line("info", "note.reported", ids, { code })];
  if (toldElsewhere.has(code)) return [];
  if (surprises.has(code)) return [line("warn", "note.added", ids, pick(body, "code", "text"))];
  return [line("info", "note.added", ids, { code })];
}

function idsOf({ jobId, round, attempt, instance }: NewEvent): LogIds {
  return {
    ...(jobId !== null && { jobId }),
    ...(round !== null && { round }),
    ...(attempt !== null && { attempt }),
    ...(instance !== null && { instance }),
  };
}

function pick(body: NewEvent["body"], ...names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));
}

function sizeOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
