import { maxDurationText } from "../../../shared/watchdogs.ts";
import type { Deadline } from "../deadlines.ts";
import { passedDeadlines } from "../deadlines.ts";
import { jobOf, type Job } from "../state.ts";
import { questionDue, silenceExpired } from "./asking.ts";
import { judge } from "./dying.ts";
import { queuedExpired, startingExpired } from "./starting.ts";
import {
  DESTROY_RETRY_MS,
  endInstance,
  escalate,
  giveUpOnProof,
  requestStop,
  UNPROVEN_AFTER_MS,
} from "./stopping.ts";
import { noteOn, patchInstance, patchJob, scaled, seconds, type Turn } from "./turn.ts";

/** More than any state can have due at once; a handler that leaves its deadline due must not hold the alarm. */
const MAX_PASSES = 50;

/** Acts on every deadline that has passed, earliest first, reading the state again after each. */
export function onTick(turn: Turn): void {
  const acted = new Set<string>();
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const due = passedDeadlines(turn.state, turn.now).find((deadline) => !acted.has(keyOf(deadline)));
    if (due === undefined) return;
    acted.add(keyOf(due));
    act(turn, due);
  }
}

function act(turn: Turn, due: Deadline): void {
  const job = due.jobId === null ? null : jobOf(turn.state, due.jobId);
  if (job === null) actOnInstance(turn, due);
  else actOnJob(turn, job, due);
}

function actOnInstance(turn: Turn, due: Deadline): void {
  if (due.name === "tick") keepAlive(turn);
  if (due.name === "idle") endInstance(turn, "idle", "no job needs the container");
  if (due.name === "preview") endInstance(turn, "idle", "the preview's time is over");
  if (due.name === "stop-retry") retryDestroy(turn, null);
  if (due.name === "judge-exit") judge(turn);
  if (due.name === "retention") turn.effects.push({ kind: "forget" });
}

function actOnJob(turn: Turn, job: Job, due: Deadline): void {
  switch (due.name) {
    case "queued":
      queuedExpired(turn, job);
      return;
    case "starting":
      startingExpired(turn, job);
      return;
    case "silence":
      if (job.current !== null) silenceExpired(turn, job, job.current);
      return;
    case "question":
      if (job.current !== null) questionDue(turn, job, job.current);
      return;
    case "step":
      stopAtDeadline(turn, job, `step-${job.phase}`, `the ${job.phase} step timed out: ${due.why}`);
      return;
    case "max-duration":
      stopAtDeadline(turn, job, "max-duration", maxDurationText(job.policy.maxDurationMs));
      return;
    case "warning":
      patchJob(turn, noteOn(turn, job, "max-duration-near", "the max-duration deadline is near").jobId, {
        warned: true,
      });
      return;
    case "stop-grace":
      escalate(turn, job, `no end within ${seconds(turn.now - (job.stop?.stageAt ?? turn.now))}`);
      return;
    case "stop-retry":
      retryDestroy(turn, job);
      return;
    case "released":
      patchJob(turn, job.jobId, { phase: "failed" });
      return;
    // `advance` starts what has waited long enough; the rest are the instance's and the execution's.
    case "start-retry":
    case "tick":
    case "idle":
    case "preview":
    case "judge-exit":
    case "retention":
  }
}

function stopAtDeadline(turn: Turn, job: Job, cause: string, text: string): void {
  requestStop(turn, noteOn(turn, job, "deadline-passed", text), { kind: "deadline", cause, text });
}

function keepAlive(turn: Turn): void {
  const { instance } = turn.state;
  if (instance === null) return;
  patchInstance(turn, { lastTickAt: turn.now });
  turn.effects.push({ kind: "keep-alive", instance: instance.id });
}

function retryDestroy(turn: Turn, job: Job | null): void {
  const { instance } = turn.state;
  if (instance?.intent == null) return;
  if (job?.stop != null && turn.now - job.stop.at >= scaled(job, UNPROVEN_AFTER_MS)) giveUpOnProof(turn, job);
  const leading = job ?? turn.state.jobs.at(-1) ?? null;
  patchInstance(turn, {
    intent: { ...instance.intent, retryAt: turn.now + scaled(leading, DESTROY_RETRY_MS) },
  });
  turn.effects.push({ kind: "destroy", instance: instance.id, reason: instance.intent.text });
}

function keyOf(deadline: Deadline): string {
  return `${deadline.name} ${deadline.jobId ?? ""} ${deadline.at}`;
}
