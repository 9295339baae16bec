/** What happens at a deadline. */

import { passedDeadlines } from "../deadlines.ts";
import { type Deadline, keyOf } from "../deadlines/deadline.ts";
import { DESTROY_RETRY_MS, givenUpAt } from "../deadlines/job.ts";
import { jobOf, type Job } from "../state.ts";
import { questionDue, silenceExpired } from "./asking.ts";
import { judge } from "./dying.ts";
import { queuedExpired, startingExpired } from "./failed-starts.ts";
import { waitForRetriedBeats } from "./late-alarm.ts";
import { pollDue } from "./polling.ts";
import { endInstance, escalate, giveUpOnProof } from "./stopping.ts";
import { patchInstance, patchJob, scaled, seconds, type Turn } from "./turn.ts";
import { agentSilent, agentStillCold, stepTooLong, stopIsNear, workedTooLong } from "./watching.ts";

/** More than any state can have due at once; a handler that leaves its deadline due must not hold the alarm. */
const MAX_PASSES = 50;

/** Acts on every deadline that has passed, earliest first, reading the state again after each. */
export function onTick(turn: Turn): void {
  const acted = new Set<string>();
  // A warning comes up already due where its stop moves closer than the notice: nobody was late for it.
  const earliest = passedDeadlines(turn.state, turn.now).find(({ name }) => name !== "warning");
  const lateMs = earliest === undefined ? 0 : turn.now - earliest.at;
  waitForRetriedBeats(turn, lateMs);
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

function actOnJob(turn: Turn, job: Job, { name, of }: Deadline): void {
  switch (name) {
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
    case "poll":
      if (job.current !== null) pollDue(turn, job, job.current);
      return;
    case "step":
      if (job.current !== null) stepTooLong(turn, job, job.current);
      return;
    case "inactivity":
    case "tool-silence":
      if (job.current !== null) agentSilent(turn, job, job.current, name);
      return;
    case "cold-start":
      if (job.current !== null) agentStillCold(turn, job, job.current);
      return;
    case "max-duration":
      workedTooLong(turn, job);
      return;
    case "warning":
      if (of !== undefined) stopIsNear(turn, job, of);
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
    // `advance` asks and starts for what has waited long enough; the rest are the instance's and the execution's.
    case "slot":
    case "start-retry":
    case "tick":
    case "idle":
    case "preview":
    case "judge-exit":
    case "retention":
  }
}

function keepAlive(turn: Turn): void {
  const { instance } = turn.state;
  if (instance === null) return;
  patchInstance(turn, { lastTickAt: turn.now });
  turn.effects.push({ kind: "keep-alive", instance: instance.id });
  if (turn.state.slot.kind === "held") turn.effects.push({ kind: "renew-slot" });
}

function retryDestroy(turn: Turn, job: Job | null): void {
  const { instance } = turn.state;
  if (instance?.intent == null) return;
  if (job?.stop != null && turn.now >= givenUpAt(job, job.stop)) {
    giveUpOnProof(turn, job, job.stop);
  }
  const leading = job ?? turn.state.jobs.at(-1) ?? null;
  patchInstance(turn, {
    intent: { ...instance.intent, retryAt: turn.now + scaled(leading, DESTROY_RETRY_MS) },
  });
  turn.effects.push({ kind: "destroy", instance: instance.id, reason: instance.intent.text });
}
