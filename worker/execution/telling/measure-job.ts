import { isAgentPhase } from "../../../shared/watchdogs.ts";
import type { MetricPoint } from "../../ports.ts";
import { activeJob, isTerminal, type Job } from "../state.ts";
import { makePoint } from "./point.ts";
import { idsOfJob, recoveryIn, type JobChange, type Turned } from "./turned.ts";

/** What one turn says of one job's way from its dispatch to its end. */
export function measureJob(change: JobChange, turned: Turned): readonly MetricPoint[] {
  return [...waitOf(change, turned), ...progressOf(change, turned), ...recoveryOf(change), ...endOf(change)];
}

/** From being queued to a container being written for it, or being found ready. */
function waitOf({ old, job }: JobChange, { before, now }: Turned): readonly MetricPoint[] {
  if (job.status !== "starting" || (old !== null && old.status !== "queued")) return [];
  const label = old === null || before === null ? "none" : reasonOf(old, before);
  const waitedMs = now - (old ?? job).queuedSince;
  return [makePoint("queue-wait", waitedMs, { label, about: idsOfJob(job), job })];
}

function reasonOf(job: Job, before: NonNullable<Turned["before"]>): string {
  if (activeJob(before)?.jobId !== job.jobId) return "predecessor";
  if (job.starts.refused > 0) return "refused";
  if (job.starts.failed > 0) return "start-failed";
  return before.slot.kind === "held" ? "none" : "slot";
}

/** The first times within a round, counted from its dispatch. */
function progressOf({ old, job }: JobChange, { stepped, now }: Turned): readonly MetricPoint[] {
  const since = (at: number): number => Math.max(0, at - job.acceptedAt);
  const subject = { label: job.recoveries.length === 0 ? "first" : "recovered", about: idsOfJob(job), job };
  const isFirst = job.recoveries.length === 0;
  const isAccepted = job.current?.accepted === true && old?.current?.accepted !== true;
  const phases = stepped.events
    .filter(({ kind, jobId }) => kind === "phase" && jobId === job.jobId)
    .map(({ body }) => String(body["phase"]));
  const seen = [...phases, ...(job.status === "running" ? [job.phase] : [])];
  const works = isSetUp(old) && seen.some((phase) => isAgentPhase(phase));
  const { outputAt } = job;
  return [
    ...(isAccepted && isFirst ? [makePoint("accepted", since(now), subject)] : []),
    ...(works && isFirst ? [makePoint("working", since(now), subject)] : []),
    ...(outputAt !== null && old?.outputAt == null
      ? [makePoint("first-output", since(outputAt), subject)]
      : []),
  ];
}

/** Phases before an agent has begun; none of them comes after it in an attempt. */
const setUpPhases: ReadonlySet<string> = new Set(["starting", "clone", "dependencies", "infra", "serve"]);

function isSetUp(job: Job | null): boolean {
  return (
    job !== null && (job.status === "running" || job.status === "starting") && setUpPhases.has(job.phase)
  );
}

function recoveryOf(change: JobChange): readonly MetricPoint[] {
  const recovery = recoveryIn(change);
  if (recovery === null) return [];
  const { job } = change;
  const { evicted, exit } = recovery;
  return [makePoint("recovery", 1, { label: evicted, detail: exit.cause, about: idsOfJob(job), job })];
}

/** An outcome, and how long a stop took to be proved. */
function endOf({ old, job }: JobChange): readonly MetricPoint[] {
  const { end, stop } = job;
  if (end === null || (old !== null && isTerminal(old.status))) return [];
  const about = idsOfJob(job);
  const { code } = end.outcome;
  return [
    makePoint("outcome", end.at - job.acceptedAt, { label: code, detail: job.status, about, job }),
    ...(stop === null
      ? []
      : [makePoint("stop", end.at - stop.at, { label: stop.kind, detail: code, about, job })]),
  ];
}
