/** An execution as a page of text: one line for each of its jobs. */
import type { ExecutionView, JobView } from "../../shared/job-view.ts";
import { nextStop } from "../../shared/next-stop.ts";
import { toPlainLine } from "../../shared/plain-text.ts";
import type { Paint } from "../paint.ts";
import { toDuration, toLocalTime } from "../time.ts";
import { plainId, statusText } from "./job-text.ts";

export function executionText(view: ExecutionView, paint: Paint): readonly string[] {
  const { executionId, board, instance, containerSeconds, asOf } = view;
  const where =
    instance === null
      ? "no container"
      : `a container of ${instance.size} ${instance.running ? "runs" : "ends"}`;
  return [
    `${paint("bold", executionId)} on board ${board} · ${where} · ${toDuration(containerSeconds * 1_000)} of container time`,
    paint("dim", `read ${toLocalTime(asOf)}`),
    "",
    ...view.jobs.flatMap((job) => summaryLines(job, paint)),
  ];
}

function summaryLines(job: JobView, paint: Paint): readonly string[] {
  const title = job.labels["title"];
  const next = nextStop(job);
  const detail = [
    ...(job.progress === undefined ? [] : [`${job.progress.completed} of ${job.progress.total} done`]),
    ...(job.recoveries.length === 0 ? [] : [`recovered ${job.recoveries.length}×`]),
    ...(next === null ? [] : [`${next.name} stops it in ${toDuration(Math.max(0, next.remainingMs))}`]),
    ...(job.error === undefined ? [] : [toPlainLine(job.error, 200)]),
  ];
  return [
    `${paint("bold", plainId(job.id))}  ${statusText(job, paint)}`,
    ...(title === undefined ? [] : [`  ${toPlainLine(title, 200)}`]),
    ...(detail.length === 0 ? [] : [paint("dim", `  ${detail.join(" · ")}`)]),
  ];
}
