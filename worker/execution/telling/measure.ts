/** What a turn came to, as numbers. Pure; each fact is found in one turn and no other, so it is counted once. */

import type { LogIds, MetricPoint } from "../../ports.ts";
import type { NewEvent } from "../lifecycle/turn.ts";
import type { Instance } from "../state.ts";
import { measureJob } from "./measure-job.ts";
import { makePoint } from "./point.ts";
import { buriedBy, changedJobs, failedStart, idsOfJob, type Turned } from "./turned.ts";

export function measure(turned: Turned): readonly MetricPoint[] {
  const { executionId } = turned.after;
  const points = [
    ...changedJobs(turned).flatMap((change) => measureJob(change, turned)),
    ...measureStart(turned),
    ...measureLosses(turned),
    ...measureGaps(turned),
    ...measureBurial(turned),
  ];
  return points.map((point) => ({ ...point, about: { executionId, ...point.about } }));
}

/** From `start()` to the first answer of the harness, or to the end of a start that failed. */
function measureStart(turned: Turned): readonly MetricPoint[] {
  const { before, after, now } = turned;
  const [old, instance] = [before?.instance ?? null, after.instance];
  const failed = failedStart(turned);
  if (failed !== null) {
    const { job, cause } = failed;
    const since = failed.instance.startedAt ?? failed.instance.writtenAt;
    const about = { ...idsOfJob(job), instance: failed.instance.id };
    return [makePoint("start-failed", now - since, { label: cause, about, job, of: failed.instance })];
  }
  if (instance?.phase !== "ready" || (old?.id === instance.id && old.phase === "ready")) return [];
  const since = instance.startedAt ?? instance.writtenAt;
  return [
    makePoint("start", now - since, { label: "ready", about: { instance: instance.id }, of: instance }),
  ];
}

/** A container that was lost: how long after its last sign of life, and how much of its time it took with it. */
function measureLosses({ before, stepped, now }: Turned): readonly MetricPoint[] {
  const lost = stepped.events.filter(({ kind, body }) => kind === "verdict" && "decision" in body);
  return lost.flatMap((event) => {
    const job = before?.jobs.find(({ jobId }) => jobId === event.jobId) ?? null;
    const current = job?.current ?? null;
    if (job === null || current === null) return [];
    const label = textOf(event.body["cause"]);
    const detail = textOf(event.body["decision"]);
    const shared = { label, detail, about: idsOfEvent(event), job, of: before?.instance ?? null };
    return [
      makePoint("detection", now - current.aliveAt, shared),
      makePoint("wasted-seconds", (now - current.startedAt) / 1000, shared),
    ];
  });
}

/** One of each kind for all that a turn tells of a job: a beat may tell of hundreds, and the platform bounds the rows. */
function measureGaps({ after, stepped }: Turned): readonly MetricPoint[] {
  const sums = new Map<string, MetricPoint>();
  for (const event of stepped.events) {
    if (event.kind !== "gap") continue;
    const { count } = event.body;
    const [label, value] = typeof count === "number" ? ["counted", count] : ["unknown", 0];
    const key = `${label} ${event.jobId}`;
    const job = after.jobs.find(({ jobId }) => jobId === event.jobId) ?? null;
    const before = sums.get(key)?.value ?? 0;
    sums.set(key, makePoint("gap", before + value, { label, about: idsOfEvent(event), job }));
  }
  return [...sums.values()];
}

/** A container's whole life, once it is proved dead. */
function measureBurial(turned: Turned): readonly MetricPoint[] {
  const buried = buriedBy(turned);
  if (buried === null || buried.startedAt === null) return [];
  const seconds = (turned.now - buried.startedAt) / 1000;
  const { label, detail } = endOf(buried, turned);
  return [
    makePoint("container-seconds", seconds, { label, detail, about: { instance: buried.id }, of: buried }),
  ];
}

/** Who wanted its end, and what was seen of it. */
function endOf(buried: Instance, { after }: Turned): { readonly label: string; readonly detail: string } {
  const { lastInstance } = after;
  const exit = (lastInstance?.id === buried.id ? lastInstance.exit : null) ?? buried.exit;
  return { label: buried.intent?.cause ?? "unasked", detail: exit?.cause ?? "none" };
}

function idsOfEvent({ jobId, round, attempt, instance }: NewEvent): LogIds {
  return {
    ...(jobId !== null && { jobId }),
    ...(round !== null && { round }),
    ...(attempt !== null && { attempt }),
    ...(instance !== null && { instance }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
