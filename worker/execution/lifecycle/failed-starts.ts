/** A start that came to nothing: refused for want of room, which costs no try, or failed, or waited for too long. */

import { deathPatienceMs, latestStopAt } from "../deadlines/job.ts";
import type { StartFailure } from "../input.ts";
import { activeJob, type Job } from "../state.ts";
import { finish, finishStopped } from "./ending.ts";
import { bury, holder, stopCounting } from "./instance.ts";
import { endInstance } from "./stopping.ts";
import { cut, emit, patchJob, scaled, seconds, type Turn } from "./turn.ts";

/** Waits after refusals for capacity or rate; the last repeats. */
const CAPACITY_BACKOFF_MS = [5_000, 15_000, 45_000] as const;
const START_TRIES = 3;
/** Of what a platform says. */
const SEEN_CHARS = 1_000;

/** The start was refused or failed and no container lives. */
export function onStartFailed(turn: Turn, cause: StartFailure, message: string): void {
  const { instance } = turn.state;
  if (instance === null) return;
  const job = holder(turn, instance);
  emit(
    turn,
    "instance-exited",
    { code: null, cause: "start-failed", by: "platform", message },
    { instance: instance.id },
  );
  bury(turn, instance, `the start failed: ${message}`);
  if (job !== null && job.stop === null) {
    startFailed(turn, job, cause, message);
    return;
  }
  forgetRefusal(turn, cause);
  if (job?.stop) finishStopped(turn, job, job.stop, null);
}

/** A refusal for want of room costs nothing, whoever waited for the start. */
function forgetRefusal(turn: Turn, cause: StartFailure): void {
  if (cause !== "other") turn.state = { ...turn.state, starts: turn.state.starts.slice(0, -1) };
}

export function startFailed(turn: Turn, job: Job, cause: StartFailure, seen: string): void {
  const message = cut(seen, SEEN_CHARS);
  const refused = cause !== "other";
  forgetRefusal(turn, cause);
  const starts = {
    failed: job.starts.failed + (refused ? 0 : 1),
    refused: refused ? job.starts.refused + 1 : 0,
    retryAt: turn.now + (refused ? scaled(job, backoffMs(job.starts.refused)) : 0),
    lastError: message,
  };
  if (starts.failed >= START_TRIES) {
    finish(turn, job, {
      status: "failed",
      code: "start-failed",
      error: `the container failed to start ${START_TRIES} times: ${message}`,
    });
    return;
  }
  patchJob(turn, job.jobId, {
    status: "queued",
    phase: refused ? "waiting for capacity" : "starting again",
    ...stopCounting(job, turn.now),
    queuedSince: job.status === "queued" || job.starts.refused > 0 ? job.queuedSince : turn.now,
    containerMs: job.containerMs + (job.current === null ? 0 : turn.now - job.current.startedAt),
    current: null,
    starts,
  });
}

/** The `starting` deadline: the container, if there is one, is brought to its end; its proved death counts the failure. */
export function startingExpired(turn: Turn, job: Job): void {
  const { instance } = turn.state;
  const seen = job.starts.lastError === null ? "" : `: ${job.starts.lastError}`;
  const text = `the container did not become ready within ${seconds(job.policy.startingMs)}${seen}`;
  if (instance === null) {
    startFailed(turn, job, "other", text);
    return;
  }
  if (instance.intent !== null) return;
  const isReady = instance.phase === "ready";
  endInstance(turn, "start-failed", isReady ? `the harness never took the job${seen}` : text);
}

/** No slot and no capacity for as long as the job may wait. */
export function queuedExpired(turn: Turn, job: Job): void {
  const isFirst = activeJob(turn.state)?.jobId === job.jobId;
  const isDying = turn.state.instance?.intent != null;
  const missing = isDying
    ? "the container before is not proved dead, and none starts until it is"
    : "no container was available";
  const why = job.starts.lastError ?? (isFirst ? missing : "it waited behind another job");
  const patience =
    turn.now < latestStopAt(job)
      ? `within ${seconds(isDying ? deathPatienceMs(job) : job.policy.queuedMs)}`
      : "before its caller gives up";
  finish(turn, job, {
    status: "failed",
    code: "capacity",
    error: `no container became available ${patience}: ${why}`,
  });
}

function backoffMs(refusedBefore: number): number {
  return (
    CAPACITY_BACKOFF_MS[Math.min(refusedBefore, CAPACITY_BACKOFF_MS.length - 1)] ?? CAPACITY_BACKOFF_MS[0]
  );
}
