import { type Refusal, refuse } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import type { DispatchRequest } from "../rpc.ts";
import { type ExecutionState, isLive, type Job, jobOf, STATE_VERSION } from "../state.ts";
import { emit, patchJob, type Turn } from "./turn.ts";

type Request = Omit<DispatchRequest, "spec">;

export function emptyState(executionId: string, board: string): ExecutionState {
  return {
    version: STATE_VERSION,
    executionId,
    board,
    revision: 0,
    cursor: 0,
    jobs: [],
    instance: null,
    lastInstance: null,
    idleSince: null,
    containerMs: 0,
    resetAt: null,
    starts: [],
    slot: { kind: "none" },
  };
}

/**
 * A new job, a re-attachment, or a new round. A live job is re-attached to. One that has ended is read again until its
 * end was delivered (job protocol) and needs `again` (native API); a released one starts anew at either door.
 */
export function onDispatch(turn: Turn, request: Request, keyId: string): void {
  const known = jobOf(turn.state, request.jobId);
  if (known === null) {
    if (turn.state.jobs.length >= Limits.jobsPerExecution) {
      const error = `this execution holds ${Limits.jobsPerExecution} jobs, which is the most one may hold`;
      turn.reply = { kind: "refused", refusal: refuse("execution-full", error) };
      return;
    }
    const job = newJob(turn, request, keyId, null);
    turn.state = { ...turn.state, jobs: [...turn.state.jobs, job] };
    accepted(turn, job, request, true);
    return;
  }
  if (isLive(known)) {
    const refusal = beingReleased(known);
    if (refusal !== null) {
      turn.reply = { kind: "refused", refusal };
      return;
    }
    if (keyId !== known.keyId && mayTakeKey(turn.state, known)) patchJob(turn, known.jobId, { keyId });
    accepted(turn, known, request, false);
    return;
  }
  const released = known.releasedAt !== null;
  if (request.door === "native" && !released && !request.again) {
    const error = `job ${request.jobId} has ended (${known.status}); send "again": true to start a new round`;
    turn.reply = { kind: "refused", refusal: refuse("already-finished", error) };
    return;
  }
  if (request.door === "job" && !released && !known.delivered) {
    accepted(turn, known, request, false);
    return;
  }
  const round = newJob(turn, request, keyId, known);
  const others = turn.state.jobs.filter((job) => job.jobId !== known.jobId);
  turn.state = { ...turn.state, jobs: [...others, round] };
  accepted(turn, round, request, true);
}

/** A round that is being released is none to re-attach to: what is answered as accepted would end with it. */
export function beingReleased({ stop }: Job): Refusal | null {
  if (stop?.kind !== "release") return null;
  const why = "the round before is being released, and its container is not proved dead yet";
  return refuse("being-released", `${why}; dispatch again in a moment`);
}

/** Keys of an attempt derive from the key that sealed the spec: it may change while no container has any. */
export function mayTakeKey({ instance }: ExecutionState, { current, status }: Job): boolean {
  const isGone = current === null || current.instance !== instance?.id;
  return (status === "queued" || status === "recovering") && isGone;
}

function accepted(turn: Turn, job: Job, request: Request, fresh: boolean): void {
  turn.reply = { kind: "dispatched", jobId: job.jobId, fresh, warnings: request.warnings };
  if (!fresh) return;
  emit(
    turn,
    "dispatched",
    { door: request.door, warnings: request.warnings, labels: request.labels },
    { job },
  );
}

function pastOf(before: Job | null): Job["past"] {
  if (before?.current == null) return before?.past ?? null;
  const { attempt, keyId } = before;
  return { attempt, instance: before.current.instance, ack: before.current.ack, keyId };
}

/**
 * Whoever dispatches anew what was evicted or released has its pushed work resumed, and what that work is beyond was known
 * to the round before alone.
 */
function resumes(before: Job, { about }: Request): boolean {
  const isInterrupted = before.status === "evicted" || before.releasedAt !== null;
  const isSamePlace =
    before.about?.repository === about?.repository && before.about?.branch === about?.branch;
  return isInterrupted && isSamePlace;
}

/** Attempts, spans and revisions of a job id go on over its rounds. */
function newJob(turn: Turn, request: Request, keyId: string, before: Job | null): Job {
  const { now } = turn;
  return {
    jobId: request.jobId,
    round: (before?.round ?? 0) + 1,
    door: request.door,
    status: "queued",
    phase: "queued",
    revision: before?.revision ?? 0,
    acceptedAt: now,
    policy: request.policy,
    image: request.image,
    size: request.size,
    labels: request.labels,
    about: request.about ?? null,
    keyId,
    attempt: before?.attempt ?? 0,
    current: null,
    past: pastOf(before),
    workSince: null,
    workedMs: 0,
    warnedOf: {},
    extended: {},
    queuedSince: now,
    starts: { failed: 0, refused: 0, retryAt: null, lastError: null },
    recoveries: [],
    baseCommit: before !== null && resumes(before, request) ? before.baseCommit : null,
    heartbeatAt: now,
    outputAt: null,
    toolAt: null,
    toolName: null,
    beatAt: null,
    progress: null,
    stop: null,
    end: null,
    delivered: false,
    releasedAt: null,
    notes: [],
    gaps: [],
    tokens: [],
    containerMs: 0,
    logTail: [],
    spans: {
      newest: before?.spans.newest ?? 0,
      from: (before?.spans.newest ?? 0) + 1,
      to: before?.spans.newest ?? 0,
      offeredAt: null,
      held: 0,
    },
    followUpsOffered: turn.state.cursor,
    followUpKeys: before?.followUpKeys ?? [],
    questionAt: null,
  };
}
