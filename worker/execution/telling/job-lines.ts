import type { LogIds, LogLine } from "../../ports.ts";
import type { Attempt, End, Job } from "../state.ts";
import { line } from "./line.ts";
import { changedJobs, idsOfJob, recoveryIn, type JobChange, type Turned } from "./turned.ts";

/** Changes of a job's status, its end, and what is seen of a harness that went silent. */
export function jobLines(turned: Turned): readonly LogLine[] {
  return changedJobs(turned).flatMap((change) => [
    ...recoveryLines(change),
    ...statusLines(change, turned.now),
    ...silenceLines(change, turned.now),
  ]);
}

function statusLines({ old, job }: JobChange, now: number): readonly LogLine[] {
  if (job.status === old?.status) return [];
  const ids = idsOfJob(job);
  switch (job.status) {
    case "queued": {
      // A new one has been told of as dispatched.
      const { refused, failed, retryAt } = job.starts;
      const retryMs = retryAt === null ? null : retryAt - now;
      return old === null
        ? []
        : [line("info", "job.queued", ids, { why: job.phase, refused, failed, retryMs })];
    }
    case "starting":
      return [line("info", "job.starting", ids, { waitedMs: now - (old ?? job).queuedSince })];
    case "running":
      return [line("info", "job.running", ids, { sinceDispatchMs: now - job.acceptedAt })];
    case "stopping":
      return [line("info", "job.stopping", ids, { kind: job.stop?.kind, cause: job.stop?.cause })];
    case "recovering":
      return []; // told of by its recovery
    case "done":
    case "failed":
    case "cancelled":
    case "evicted":
      return job.end === null ? [] : [endLine(job, job.end, ids)];
  }
}

function recoveryLines(change: JobChange): readonly LogLine[] {
  const recovery = recoveryIn(change);
  if (recovery === null) return [];
  const { recoveries, policy } = change.job;
  const { attempt, instance, evicted, exit } = recovery;
  const spent = recoveries.filter((each) => each.evicted === evicted).length;
  const fields = { evicted, cause: exit.cause, spent, budget: policy.budgets[evicted] };
  return [line("info", "job.recovering", { ...idsOfJob(change.job), attempt, instance }, fields)];
}

/** Somebody must look where a container may live on, or where no key opens what was stored. */
const alarming: ReadonlySet<string> = new Set(["stop-unproven", "spec-unreadable"]);

function endLine(job: Job, end: End, ids: LogIds): LogLine {
  const { code, blame, retryable } = end.outcome;
  const fields = {
    status: job.status,
    outcome: code,
    blame,
    retryable,
    durationMs: end.at - job.acceptedAt,
    recoveries: job.recoveries.length,
    containerMs: job.containerMs,
    ...(job.stop !== null && { stopMs: end.at - job.stop.at }),
  };
  if (alarming.has(code)) return line("error", "job.ended", ids, fields);
  return blame === "platform" || blame === "harness"
    ? line("warn", "job.ended", ids, fields)
    : line("info", "job.ended", ids, fields);
}

/** A harness that was asked because it was silent, and one that answers after all. */
function silenceLines({ old, job }: JobChange, now: number): readonly LogLine[] {
  const [before, current] = [attemptOf(old), attemptOf(job)];
  if (before === null || current === null || before.instance !== current.instance) return [];
  const ids = idsOfJob(job);
  if (current.question?.state === "asked" && before.question?.at !== current.question.at) {
    const { number } = current.question;
    return [line("warn", "harness.asked", ids, { number, silentMs: now - before.aliveAt })];
  }
  if (before.question !== null && current.question === null && current.aliveAt > before.aliveAt) {
    return [line("info", "harness.heard", ids, { silentMs: current.aliveAt - before.aliveAt })];
  }
  return [];
}

function attemptOf(job: Job | null): Attempt | null {
  return job?.current ?? null;
}
