import type { DeadlineName } from "../../../shared/job-view.ts";
import type { LogIds, LogLine } from "../../ports.ts";
import { passedDeadlines } from "../deadlines.ts";
import type { Deadline } from "../deadlines/deadline.ts";
import { jobOf } from "../state.ts";
import { line } from "./line.ts";
import { idsOfJob, type Turned } from "./turned.ts";

/** Everyday work, and what should not have come to this; the rest only keeps the object going. */
const everyday: ReadonlySet<DeadlineName> = new Set([
  "cold-start",
  "warning",
  "idle",
  "preview",
  "retention",
]);
const surprises: ReadonlySet<DeadlineName> = new Set([
  "queued",
  "starting",
  "silence",
  "step",
  "inactivity",
  "tool-silence",
  "max-duration",
  "stop-grace",
]);

/** The deadlines a tick found passed, and how late it was. That one passed is no verdict: it may have been forgiven. */
export function deadlineLines({ before, happening, now }: Turned): readonly LogLine[] {
  if (before === null || happening.kind !== "tick") return [];
  return passedDeadlines(before, now).flatMap((deadline): readonly LogLine[] => {
    const { name, at, jobId } = deadline;
    const job = jobId === null ? null : jobOf(before, jobId);
    const { instance } = before;
    const ids = job === null ? { ...(instance !== null && { instance: instance.id }) } : idsOfJob(job);
    return lineOf(deadline, ids, { deadline: name, lateMs: now - at });
  });
}

function lineOf({ name }: Deadline, ids: LogIds, fields: LogLine["fields"]): readonly LogLine[] {
  if (surprises.has(name)) return [line("warn", "deadline.passed", ids, fields)];
  return everyday.has(name) ? [line("info", "deadline.passed", ids, fields)] : [];
}
