/** What stands below the log while a job is watched: how it is, what will stop it and when, how fresh that is. */
import type { CallFailure } from "../../shared/client.ts";
import type { DeadlineView, JobView } from "../../shared/job-view.ts";
import { nextStop } from "../../shared/next-stop.ts";
import { toPlainLine } from "../../shared/plain-text.ts";
import type { Paint } from "../paint.ts";
import { toClock, toCountdown, toDuration } from "../time.ts";
import type { ToolCall } from "./event-lines.ts";
import { plainId, signalsText, statusText } from "./job-text.ts";
import { progressLines } from "./progress-text.ts";

export type Live = {
  readonly view: JobView;
  /** When the view was read, by the reader's clock; the object's clock may be another. */
  readonly readAt: number;
  readonly calls: readonly ToolCall[];
  readonly lost: { readonly failure: CallFailure; readonly since: number } | null;
};

const CALLS_SHOWN = 3;
const ITEMS_SHOWN = 12;
/** A deadline this near is worth a colour. */
const NEAR_MS = 60_000;

export function liveBlock({ view, readAt, calls, lost }: Live, now: number, paint: Paint): readonly string[] {
  const laterMs = Math.max(0, now - readAt);
  const objectNow = view.asOf + laterMs;
  return [
    "",
    ...calls.slice(-CALLS_SHOWN).map((call) => callLine(call, objectNow, paint)),
    headLine(view, laterMs, paint),
    ...progressLines(shortened(view.progress), paint).map((line) => `  ${line}`),
    `  ${signalsText(view, paint, laterMs)}`,
    ...stopLine(view, objectNow, paint),
    ...(view.attention === null ? [] : [paint("yellow", `  ! ${toPlainLine(view.attention.why, 300)}`)]),
    ...(lost === null ? [] : [lostLine(lost, now, laterMs, paint)]),
  ];
}

function headLine(view: JobView, laterMs: number, paint: Paint): string {
  const title = view.labels["title"];
  const attempt = view.attempt > 1 ? ` · attempt ${view.attempt}` : "";
  const lost = view.recoveries.length === 0 ? "" : ` · recovered ${view.recoveries.length}×`;
  const name = paint("bold", plainId(view.id));
  const status = statusText({ ...view, asOf: view.asOf + laterMs }, paint);
  return `${name}${title === undefined ? "" : `  ${toPlainLine(title, 60)}`}  ${status}${attempt}${lost}`;
}

function callLine({ tool, args, at }: ToolCall, objectNow: number, paint: Paint): string {
  const took = toCountdown(Math.max(0, objectNow - at));
  return paint("dim", `${toClock(at)}  tool       ${tool.padEnd(6)} …      ${took.padStart(7)}  ${args}`);
}

function stopLine(view: JobView, objectNow: number, paint: Paint): readonly string[] {
  const next = nextStop(view);
  if (next === null) return [];
  const leftMs = next.at - objectNow;
  const text = `  stops ${moment(leftMs)} (${next.name})${latest(view, next, objectNow)}: ${toPlainLine(next.why, 200)}`;
  return [leftMs < NEAR_MS ? paint("yellow", text) : text];
}

/** Activity moves the others; this one comes whatever the agent does. */
function latest({ deadlines }: JobView, next: DeadlineView, objectNow: number): string {
  const last = deadlines.find(({ name }) => name === "max-duration");
  if (last === undefined || last === next) return "";
  return `, at the latest ${moment(last.at - objectNow)}`;
}

function moment(leftMs: number): string {
  return leftMs <= 0 ? "now" : `in ${toCountdown(leftMs)}`;
}

function lostLine(
  { failure, since }: NonNullable<Live["lost"]>,
  now: number,
  staleMs: number,
  paint: Paint,
): string {
  const text = `  connection lost ${toDuration(now - since)} ago, all of this is ${toDuration(staleMs)} old: ${toPlainLine(failure.error, 160)}`;
  return paint("red", text);
}

/** A long list keeps what is being worked on in sight. */
function shortened(progress: JobView["progress"]): JobView["progress"] {
  const items = progress?.items;
  if (progress === undefined || items === undefined || items.length <= ITEMS_SHOWN) return progress;
  const from = Math.max(0, Math.min(progress.completed - 3, items.length - ITEMS_SHOWN));
  return { ...progress, items: items.slice(from, from + ITEMS_SHOWN) };
}
