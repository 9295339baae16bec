import { DISPATCH_TO_VERDICT_MS } from "../../../shared/policy-defaults.ts";
import { isAtWork } from "../../../shared/steps.ts";
import { type Deadline, deadlineOf, withWarning } from "./deadline.ts";
import { awaitsStart, type ExecutionState, type Instance, type Job, type Stop } from "../state.ts";

/** One tick, for an alarm that comes late. */
const LATE_ALARM_MS = 30_000;

/**
 * When a job is ended or stopped at the latest, whatever it waited for before: a caller of the job protocol gives up some
 * time after the dispatch. The stop itself takes its two graces.
 */
export function latestStopAt({ door, acceptedAt, policy }: Job): number {
  if (door !== "job") return Number.POSITIVE_INFINITY;
  return acceptedAt + DISPATCH_TO_VERDICT_MS - policy.stopGraceMs - policy.killGraceMs - LATE_ALARM_MS;
}

/** How often an unproved destroy is tried again. */
export const DESTROY_RETRY_MS = 15_000;

/** How long a job that is being stopped waits for the proof that its container is dead. */
const UNPROVEN_AFTER_MS = 20 * 60_000;

/**
 * When a job that is to be destroyed is given up, its container's death unproved; its caller waits no longer either. One
 * destroy at least has its time.
 */
export function givenUpAt({ door, acceptedAt, policy }: Job, stop: Stop): number {
  const scaled = (ms: number): number => Math.max(1, Math.round(ms * policy.scale));
  const patience = stop.at + scaled(UNPROVEN_AFTER_MS);
  const latest = door === "job" ? Math.min(patience, acceptedAt + DISPATCH_TO_VERDICT_MS) : patience;
  return Math.max(latest, stop.stageAt + scaled(DESTROY_RETRY_MS));
}

/** Of a job that waits behind another, or behind its container: no deadline of its own but its caller's patience. */
export function behindDeadline(job: Job): readonly Deadline[] {
  const at = latestStopAt(job);
  const why = "fails unless a container works on it by then, since its caller gives up";
  return Number.isFinite(at) ? [deadlineOf(job, "queued", at, why)] : [];
}

/** Until a container works on the job. */
export function startDeadlines(state: ExecutionState, job: Job): readonly Deadline[] {
  return [...waitingDeadlines(state, job), ...startingDeadline(state, job)];
}

/** While the job is at work, whatever it does. */
export function durationDeadlines(job: Job): readonly Deadline[] {
  const { maxDurationMs } = job.policy;
  if (job.workSince === null || !isAtWork(job.status)) return [];
  const worked = job.workSince + maxDurationMs - job.workedMs;
  const at = Math.min(Math.max(worked, job.extended["max-duration"] ?? 0), latestStopAt(job));
  const limit = {
    ...deadlineOf(job, "max-duration", at, "the job is stopped, whatever it does"),
    extendable: true,
  };
  return withWarning(job, limit, maxDurationMs);
}

export function stopDeadlines(job: Job): readonly Deadline[] {
  const { policy, stop } = job;
  if (stop === null || stop.stage === "destroy") return [];
  return stop.stage === "cooperative"
    ? [
        deadlineOf(
          job,
          "stop-grace",
          stop.stageAt + policy.stopGraceMs,
          "SIGTERM is sent unless the stop is done",
        ),
      ]
    : [
        deadlineOf(
          job,
          "stop-grace",
          stop.stageAt + policy.killGraceMs,
          "the container is destroyed unless it ends",
        ),
      ];
}

function waitingDeadlines(state: ExecutionState, job: Job): readonly Deadline[] {
  if (!awaitsStart(job)) return [];
  if (state.instance !== null) return job.status === "queued" ? behindContainer(job, state.instance) : [];
  const { retryAt } = job.starts;
  const { slot } = state;
  const found: Deadline[] = [];
  if (job.status === "queued") {
    const why = "fails for want of capacity unless a container starts";
    const at = Math.min(job.queuedSince + job.policy.queuedMs, latestStopAt(job));
    found.push(deadlineOf(job, "queued", at, why));
  }
  if (retryAt !== null) found.push(deadlineOf(job, "start-retry", retryAt, "the start is tried again"));
  else if (slot.kind === "waiting") {
    found.push(
      deadlineOf(job, "slot", slot.askAt, "the place in the line for a container is asked for again"),
    );
  }
  return found;
}

/** How long a job waits for the death of a container: as long as for one, and one destroy at least has its time. */
export function deathPatienceMs({ policy }: Job): number {
  return Math.max(policy.queuedMs, DESTROY_RETRY_MS);
}

function behindContainer(job: Job, { intent }: Instance): readonly Deadline[] {
  if (intent === null) return behindDeadline(job);
  const since = Math.max(job.queuedSince, intent.at);
  const at = Math.min(since + deathPatienceMs(job), latestStopAt(job));
  return [
    deadlineOf(job, "queued", at, "fails unless the container before is proved dead and another starts"),
  ];
}

function startingDeadline(state: ExecutionState, job: Job): readonly Deadline[] {
  const { instance } = state;
  if (job.status !== "starting" || instance?.intent != null || instance?.exit != null) return [];
  const since = job.current?.startedAt ?? instance?.writtenAt ?? job.queuedSince;
  const why = "the start counts as failed unless the harness takes the job";
  const forgivenUntil = job.current === null ? instance?.forgivenUntil : job.current.forgiven.starting?.until;
  const at = Math.max(since + job.policy.startingMs, forgivenUntil ?? 0);
  return [deadlineOf(job, "starting", at, why)];
}
