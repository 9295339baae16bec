import { STOP_GRACE_MAX_MS } from "../../../shared/harness-wire.ts";
import { Limits } from "../../../shared/limits.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { DESTROY_RETRY_MS } from "../deadlines/job.ts";
import type { Instance, Intent, Job, Stop } from "../state.ts";
import { activeJob, isLive } from "../state.ts";
import { finish, finishAsTold, finishStopped, keepResult } from "./ending.ts";
import { noteUnsent } from "./unsent.ts";
import { cut, emit, noteOn, patchInstance, patchJob, scaled, seconds, type Turn, withNote } from "./turn.ts";

/** @property seen what was seen that asks for the stop, where something was */
export type StopRequest = Pick<Stop, "kind" | "cause" | "text"> & { readonly seen?: string };

/**
 * Begins (or, for a cancel or release of a job that a deadline is stopping, takes over) the stop of a live job. Stored
 * before any signal leaves; a job that never reached a container ends at once.
 */
export function requestStop(turn: Turn, job: Job, { seen, ...request }: StopRequest): void {
  if (!isLive(job)) return;
  if (job.stop !== null) {
    if (job.stop.kind === "deadline" && request.kind !== "deadline") {
      patchJob(turn, job.jobId, { stop: { ...job.stop, ...request } });
    }
    return;
  }
  const { now } = turn;
  const starting = job.status !== "running";
  const stop: Stop = {
    ...request,
    at: now,
    stage: starting ? "destroy" : "cooperative",
    stageAt: now,
    evidence: [
      { at: now, code: "stop-requested", text: request.text },
      ...(seen === undefined ? [] : [{ at: now, code: "observed", text: seen }]),
    ],
    late: null,
  };
  if (job.status === "queued" || turn.state.instance === null) {
    finishStopped(turn, patchJob(turn, job.jobId, { stop }), stop, null);
    return;
  }
  const stopping = patchJob(turn, job.jobId, { stop, status: "stopping" });
  if (starting) {
    beginDestroy(turn, stopping, turn.state.instance);
    return;
  }
  turn.effects.push({
    kind: "tell-stop",
    instance: turn.state.instance.id,
    jobId: job.jobId,
    cause: request.cause,
    graceMs: graceOf(job),
  });
}

/** What the harness is given of it: no harness waits longer than its bound. */
export function graceOf({ policy }: Job): number {
  return Math.min(policy.stopGraceMs, STOP_GRACE_MAX_MS);
}

/** The next stage of a stop, when the one before has had its time or has nothing more to wait for. */
export function escalate(turn: Turn, job: Job, why: string): void {
  const { stop } = job;
  const { instance } = turn.state;
  if (stop === null || instance === null) return;
  if (stop.stage === "cooperative") {
    setIntent(turn, instance, intentOf(stop, turn.now, job));
    moveStage(turn, job, "sigterm", why);
    turn.effects.push({ kind: "signal", instance: instance.id, signo: 15 });
    return;
  }
  if (stop.stage === "sigterm") beginDestroy(turn, moveStage(turn, job, "destroy", why), instance);
}

/**
 * The harness told of its end after it had been asked to stop. Past a deadline that is the end, and work that was done
 * all the same counts; a cancelled or released job keeps what was achieved as evidence and goes on dying.
 */
export function endedWhileStopping(turn: Turn, job: Job, stop: Stop, terminal: Terminal): void {
  if (stop.late !== null) return;
  if (stop.kind === "deadline" && terminal.state === "done") {
    finishAsTold(turn, job, terminal);
    return;
  }
  const fact = { code: "harness-ended", text: `the harness ended the job as ${terminal.state}` };
  const detail = terminal.state === "failed" ? (terminal.detail ?? terminal.error) : null;
  const late = { state: terminal.state, detail: detail === null ? null : cut(detail, 4_000) };
  if (terminal.result !== undefined) keepResult(turn, job, terminal.result);
  const told = withEvidence(turn, job, { ...stop, late }, fact);
  if (stop.kind === "deadline") finishStopped(turn, told, told.stop ?? stop, null);
  else escalate(turn, told, "the harness has ended the job");
}

export function onStopTold(turn: Turn, jobId: string, ok: boolean, text: string): void {
  evidenceOn(turn, jobId, ok ? "stop-delivered" : "stop-not-delivered", text);
}

export function onSignalled(turn: Turn, signo: number, ok: boolean, text: string): void {
  const job = turn.state.jobs.find((each) => each.stop !== null && isLive(each));
  if (job !== undefined)
    evidenceOn(turn, job.jobId, ok ? `signal-${signo}-sent` : `signal-${signo}-failed`, text);
}

/** Asks for the death of an instance: the intent is in the state before the effect can run. */
export function endInstance(turn: Turn, cause: Intent["cause"], text: string): void {
  const { instance } = turn.state;
  if (instance === null) return;
  const job = turn.state.jobs.find(isLive) ?? turn.state.jobs.at(-1) ?? null;
  if (instance.intent === null) {
    setIntent(turn, instance, {
      cause,
      at: turn.now,
      text: cut(text, 2_000),
      retryAt: turn.now + scaled(job, DESTROY_RETRY_MS),
    });
  }
  turn.effects.push({ kind: "destroy", instance: instance.id, reason: text });
}

export function onDestroyUnproved(turn: Turn, text: string): void {
  const { instance } = turn.state;
  if (instance === null || instance.intent === null) return;
  const { intent } = instance;
  // Whatever it is about to do, it waits for this.
  const job = activeJob(turn.state);
  patchInstance(turn, { intent: { ...intent, retryAt: turn.now + scaled(job, DESTROY_RETRY_MS) } });
  if (job === null) return;
  // Said once: every try would push what came before out of the lists.
  const isSaid = job.notes.some(({ code, at }) => code === "death-not-proved" && at >= intent.at);
  if (isSaid) return;
  const note = { code: "death-not-proved", text };
  const told = evidenceOn(turn, job.jobId, note.code, text);
  if (told === null) {
    noteOn(turn, job, note.code, text);
    return;
  }
  // The log has it as evidence of the stop.
  const notes = withNote(told.notes, { at: turn.now, ...note }, Limits.notesPerJob);
  patchJob(turn, job.jobId, { notes });
}

/** At the end of patience the job fails, while the destroy goes on being tried. */
export function giveUpOnProof(turn: Turn, job: Job, stop: Stop): void {
  finish(turn, noteUnsent(turn, job), {
    status: "failed",
    code: "stop-unproven",
    error: `the container's death could not be proved within ${seconds(turn.now - stop.at)}; it is still being tried`,
  });
}

function beginDestroy(turn: Turn, job: Job, instance: Instance): void {
  const { stop } = job;
  if (stop === null) return;
  if (instance.intent === null) setIntent(turn, instance, intentOf(stop, turn.now, job));
  const destroying = withEvidence(turn, job, stop, {
    code: "destroy-requested",
    text: "the container is to be destroyed",
  });
  turn.effects.push({ kind: "destroy", instance: instance.id, reason: destroying.stop?.cause ?? stop.cause });
}

function moveStage(turn: Turn, job: Job, stage: Stop["stage"], why: string): Job {
  const { stop } = job;
  if (stop === null) return job;
  return withEvidence(turn, job, { ...stop, stage, stageAt: turn.now }, { code: stage, text: why });
}

export function evidenceOn(turn: Turn, jobId: string, code: string, text: string): Job | null {
  const job = turn.state.jobs.find((each) => each.jobId === jobId);
  if (job === undefined || job.stop === null || !isLive(job)) return null;
  return withEvidence(turn, job, job.stop, { code, text });
}

function withEvidence(turn: Turn, job: Job, stop: Stop, fact: { code: string; text: string }): Job {
  const evidence = withNote(stop.evidence, { at: turn.now, ...fact }, Limits.evidencePerJob);
  emit(turn, "note", fact, { job });
  return patchJob(turn, job.jobId, { stop: { ...stop, evidence } });
}

function intentOf(stop: Stop, now: number, job: Job): Intent {
  return { cause: stop.kind, at: now, text: stop.text, retryAt: now + scaled(job, DESTROY_RETRY_MS) };
}

function setIntent(turn: Turn, instance: Instance, intent: Intent): void {
  if (turn.state.instance?.id === instance.id) patchInstance(turn, { intent });
}
