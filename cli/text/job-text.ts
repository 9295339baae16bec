/** A job as a page of text. */
import type { DeadlineView, JobView } from "../../shared/job-view.ts";
import type { JobResult } from "../../shared/job-result.ts";
import type { Note } from "../../shared/note.ts";
import { nextStop } from "../../shared/next-stop.ts";
import { toPlainLine, toPlainText } from "../../shared/plain-text.ts";
import type { Paint, Style } from "../paint.ts";
import { toAge, toClock, toDuration, toLocalTime } from "../time.ts";
import { progressLines } from "./progress-text.ts";

/** A label and what stands beside it, line by line. */
type Row = readonly [label: string, lines: readonly string[]];

const LABEL_CHARS = 11;
const LOG_LINES = 10;
/** Further ahead a time of day does not say which day. */
const CLOCK_IS_PLAIN_MS = 12 * 3_600_000;

export function jobText(view: JobView, paint: Paint): readonly string[] {
  const rows: readonly Row[] = [
    ["status", [statusText(view, paint)]],
    ...endRows(view, paint),
    ["job", [`${plainId(view.id)} in execution ${view.executionId}, board ${view.board}`]],
    ["labels", labelLines(view)],
    ["times", timeLines(view)],
    ["attempts", attemptLines(view)],
    ["attention", view.attention === null ? [] : [paint("yellow", line(view.attention.why))]],
    ["progress", progressLines(view.progress, paint)],
    ["signals", view.state === "running" ? [signalsText(view, paint)] : []],
    ["stops", stopLines(view, paint)],
    ["deadlines", otherDeadlines(view)],
    ["container", containerLines(view)],
    ["notes", view.notes.map(noteText)],
    [
      "gaps",
      view.gaps.map((gap) => `${toClock(gap.at)}  ${gap.count ?? "unknown"} lost: ${line(gap.reason)}`),
    ],
    ["left open", followUpLines(view)],
    ["usage", usageLines(view)],
    ["policy", [policyText(view)]],
    ["log", (view.logTail ?? []).slice(-LOG_LINES).map((text) => paint("dim", line(text)))],
  ];
  return rows.flatMap((row) => toLines(row, paint));
}

/** How a job ended, why, and what to do about it. */
export function endText(view: JobView, paint: Paint): readonly string[] {
  const rows: readonly Row[] = [["ended", [statusText(view, paint)]], ...endRows(view, paint)];
  return rows.flatMap((row) => toLines(row, paint));
}

export function statusText(view: JobView, paint: Paint): string {
  const status = paint(styleOf(view), statusWord(view));
  if (view.state === "running") {
    const where = view.queue === undefined ? `phase ${line(view.phase)}` : queueText(view.queue);
    return `${status} · ${where} · for ${toDuration(view.asOf - view.startedAt)}`;
  }
  const code = view.outcome === null || view.outcome.code === view.status ? "" : ` · ${view.outcome.code}`;
  return `${status}${code}`;
}

export function signalsText({ signals, policy }: JobView, paint: Paint, laterMs = 0): string {
  const age = (name: "process" | "output" | "tool", limitMs: number): string => {
    const signal = signals[name];
    if (signal === null) return paint("dim", `${name} none yet`);
    const ageMs = signal.ageMs + laterMs;
    const text = `${name} ${toAge(ageMs)}`;
    return ageMs > limitMs / 2 ? paint("yellow", text) : text;
  };
  return [
    age("process", policy.silenceMs),
    age("output", policy.inactivityMs),
    age("tool", policy.toolSilenceMs),
  ].join(" · ");
}

export function deadlineText({ name, at, why, extendable }: DeadlineView, now: number): string {
  const can = extendable ? " (can be extended)" : "";
  const leftMs = Math.max(0, at - now);
  const when = leftMs < CLOCK_IS_PLAIN_MS ? toClock(at) : toLocalTime(at);
  return `${name} in ${toDuration(leftMs)}, at ${when}: ${line(why)}${can}`;
}

export function noteText({ at, code, text }: Note): string {
  return `${toClock(at)}  ${line(code)}: ${line(text)}`;
}

export function plainId(id: string): string {
  return toPlainLine(id, 256);
}

function line(text: string): string {
  return toPlainLine(text, 400);
}

function statusWord(view: JobView): string {
  return view.status === "done" && view.result?.error !== undefined ? "done, with an error" : view.status;
}

export function styleOf({ status, result }: Pick<JobView, "status" | "result">): Style {
  switch (status) {
    case "done":
      return result?.error === undefined ? "green" : "red";
    case "failed":
    case "evicted":
      return "red";
    case "cancelled":
    case "stopping":
    case "recovering":
      return "yellow";
    case "queued":
    case "starting":
    case "running":
      return "cyan";
  }
}

function queueText({ position, live, max }: NonNullable<JobView["queue"]>): string {
  return `number ${position} in the line; ${live} of ${max} containers in use`;
}

function labelLines({ labels }: JobView): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${line(key)}=${line(value)}`);
}

function timeLines({ startedAt, heartbeatAt, asOf }: JobView): readonly string[] {
  const activity = `agent last active ${toDuration(Math.max(0, asOf - heartbeatAt))} before this was read`;
  return [`accepted ${toLocalTime(startedAt)}`, `read     ${toLocalTime(asOf)}, ${activity}`];
}

function attemptLines({ attempt, round, recoveries }: JobView): readonly string[] {
  const count = attempt === 0 ? "none yet" : `${attempt}`;
  const past = recoveries.map(
    ({ at, attempt: lost, evicted, why }) =>
      `${toClock(at)}  attempt ${lost} was lost (${evicted}): ${line(why)}`,
  );
  return [round === 1 ? count : `${count}, round ${round}`, ...past];
}

function stopLines(view: JobView, paint: Paint): readonly string[] {
  const next = nextStop(view);
  if (next === null) return [];
  const text = deadlineText(next, view.asOf);
  return [next.remainingMs < 5 * 60_000 ? paint("yellow", text) : text];
}

function otherDeadlines(view: JobView): readonly string[] {
  const next = nextStop(view);
  return view.deadlines
    .filter((deadline) => deadline !== next)
    .toSorted((a, b) => a.at - b.at)
    .map((deadline) => deadlineText(deadline, view.asOf));
}

function containerLines({ container, exit }: JobView): readonly string[] {
  if (container === null) return [];
  const { image, size, running, coldStartMs, instance } = container;
  const cold = coldStartMs === null ? "" : `, ready after ${toDuration(coldStartMs)}`;
  const lines = [`${running ? "runs" : "gone"} · ${image} on ${size}${cold} · instance ${line(instance)}`];
  if (exit === null) return lines;
  const code = exit.code === null ? "exit code unknown" : `exit code ${exit.code}`;
  return [...lines, `${toClock(exit.at)}  ended: ${exit.cause}, ${code}, seen by ${line(exit.by)}`];
}

function followUpLines({ followUps = [] }: JobView): readonly string[] {
  return followUps.map(({ kind, title }) => `${kind === "question" ? "?" : "→"} ${line(title)}`);
}

function usageLines({ usage }: JobView): readonly string[] {
  const tokens = usage.tokens.map(({ model, input, cacheRead, cacheWrite, output }) => {
    const cached =
      cacheRead + cacheWrite === 0
        ? ""
        : `, ${count(cacheRead)} read from cache, ${count(cacheWrite)} written to it`;
    return `${line(model)}: ${count(input)} tokens in, ${count(output)} out${cached}`;
  });
  return [`container ${toDuration(usage.containerSeconds * 1_000)}`, ...tokens];
}

function policyText({ policy }: JobView): string {
  const { silenceMs, inactivityMs, toolSilenceMs, maxDurationMs, recovery, budgets } = policy;
  return [
    `max-duration ${toDuration(maxDurationMs)}`,
    `inactivity ${toDuration(inactivityMs)}`,
    `tool-silence ${toDuration(toolSilenceMs)}`,
    `silence ${toDuration(silenceMs)}`,
    `recovery ${recovery} (crash ${budgets.crash}, transient ${budgets.transient})`,
  ].join(" · ");
}

function endRows(view: JobView, paint: Paint): readonly Row[] {
  const { outcome, error, detail } = view;
  if (outcome === null) return [];
  const again = outcome.retryable
    ? "the same dispatch may succeed"
    : "the same dispatch would end the same way";
  const isDone = outcome.code === "done";
  return [
    ["why", error === undefined ? [] : [paint(styleOf(view), line(error))]],
    ["detail", detail === undefined ? [] : toPlainText(detail).split("\n").map(line)],
    ["blame", isDone ? [] : [`${outcome.blame}; ${again}`]],
    ["evidence", outcome.evidence.map(noteText)],
    ["result", resultLines(view.result)],
    ["next", isDone ? [] : [paint("bold", line(outcome.next))]],
  ];
}

function resultLines(result: JobResult | undefined): readonly string[] {
  if (result === undefined) return [];
  const { summary, pushed, branch, prUrl, preview, error } = result;
  const summaryLines = summary === undefined ? [] : toPlainText(summary).split("\n").slice(0, 12);
  return [
    ...(error === undefined ? [] : [line(error)]),
    ...summaryLines.map(line).filter((text) => text !== ""),
    ...(branch === undefined ? [] : [`branch ${line(branch)}${pushed === true ? ", pushed" : ""}`]),
    ...(prUrl === undefined ? [] : [line(prUrl)]),
    ...(preview === undefined ? [] : [`preview ${line(preview.url)}`]),
  ];
}

/** Digits in groups of three. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function toLines([label, lines]: Row, paint: Paint): readonly string[] {
  return lines.map(
    (text, index) => `${paint("dim", (index === 0 ? label : "").padEnd(LABEL_CHARS))} ${text}`,
  );
}
