import { refuse } from "../../shared/errors.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { onAnswered, onPolled } from "./lifecycle/asking.ts";
import { onBeat } from "./lifecycle/beats.ts";
import { onStartFailed } from "./lifecycle/failed-starts.ts";
import { onExtend } from "./lifecycle/extending.ts";
import { attemptOf } from "./lifecycle/fencing.ts";
import { onSlot, onSlotHint } from "./lifecycle/slot.ts";
import { revised } from "./lifecycle/revising.ts";
import { onTake } from "./lifecycle/delivery.ts";
import { emptyState, onDispatch } from "./lifecycle/dispatching.ts";
import { onDead, onExited, onExitedLate, onForeign, onWoke } from "./lifecycle/dying.ts";
import {
  advance,
  onAccepted,
  onProbeNoted,
  onReady,
  onRefused,
  onSpecUnreadable,
  onStarted,
} from "./lifecycle/starting.ts";
import { onDestroyUnproved, onSignalled, onStopTold } from "./lifecycle/stopping.ts";
import { onCancel, onRelease } from "./lifecycle/asked-to-stop.ts";
import { onTick } from "./lifecycle/at-deadlines.ts";
import { emit, type NewEvent, type NewResult, type Reply, type Turn } from "./lifecycle/turn.ts";
import type { Attempt, ExecutionState, Job } from "./state.ts";

export type Stepped = {
  /** The very state that went in where nothing changed. */
  readonly state: ExecutionState | null;
  readonly effects: readonly Effect[];
  readonly events: readonly NewEvent[];
  readonly results: readonly NewResult[];
  readonly reply: Reply;
};

/**
 * Every rule about a job: what an input does to an execution at a moment. Pure; the same arguments give the same
 * answer. An execution begins with its first dispatch, and no other input writes anything before that.
 */
export function step(state: ExecutionState | null, input: Input, now: number): Stepped {
  const before =
    state ?? (input.kind === "dispatch" ? emptyState(input.request.executionId, input.request.board) : null);
  if (before === null) {
    return { state: null, effects: strayOf(input), events: [], results: [], reply: replyOfNothing(input) };
  }
  const turn: Turn = {
    state: before,
    now,
    freshId: input.freshId,
    effects: [],
    events: [],
    results: [],
    reply: { kind: "none" },
  };
  apply(turn, input);
  // A refused or repeated input, like a read, moves nothing on.
  const moves =
    input.kind === "tick" || input.kind === "woke" || (input.kind !== "take" && turn.state !== before);
  if (moves) advance(turn);
  // Who has read a job is remembered, and is no news of the job.
  const isNews = turn.state !== before && input.kind !== "take";
  const after = isNews ? revised(before, turn.state, now) : turn.state;
  return {
    state: turn.state === before ? state : after,
    effects: turn.effects,
    events: turn.events,
    results: turn.results,
    reply: turn.reply,
  };
}

function apply(turn: Turn, input: Input): void {
  if ("instance" in input) {
    if (turn.state.instance?.id === input.instance) applyToInstance(turn, input);
    else if (input.kind === "exited") onExitedLate(turn, input.instance, input.code);
    return;
  }
  switch (input.kind) {
    case "dispatch":
      onDispatch(turn, input.request, input.keyId);
      return;
    case "tick":
      onTick(turn);
      return;
    case "woke":
      onWoke(turn, input.running);
      return;
    case "cancel":
      onCancel(turn, input.jobId, input.reason);
      return;
    case "release":
      onRelease(turn, input.reason);
      return;
    case "extend":
      onExtend(turn, input);
      return;
    case "slot":
      onSlot(turn, input.answer);
      return;
    case "slot-hint":
      onSlotHint(turn);
      return;
    case "take":
      onTake(turn, input);
      return;
    case "beat":
      onBeat(turn, input.beat);
      return;
    case "resetting":
      turn.state = { ...turn.state, resetAt: turn.now };
      return;
    case "internal-error":
      emit(turn, "internal-error", { text: input.text });
      return;
    case "spec-unreadable":
      withAttempt(turn, input.jobId, input.attempt, (job) => onSpecUnreadable(turn, job));
  }
}

type InstanceInput = Extract<Input, { readonly instance: string }>;

/** What comes from or about a container; one that names another instance has been left out already. */
function applyToInstance(turn: Turn, input: InstanceInput): void {
  switch (input.kind) {
    case "started":
      if (turn.state.instance?.phase === "written") onStarted(turn);
      return;
    case "start-failed":
      if (turn.state.instance?.phase === "ready") onDead(turn, input.message);
      else onStartFailed(turn, input.cause, input.message);
      return;
    case "ready":
      onReady(turn, input.boot);
      return;
    case "probe-noted":
      onProbeNoted(turn, input.text);
      return;
    case "foreign":
      onForeign(turn, input.seen);
      return;
    case "accepted":
      withAttempt(turn, input.jobId, input.attempt, (job, current) => onAccepted(turn, job, current, input));
      return;
    case "refused":
      withAttempt(turn, input.jobId, input.attempt, (job) => onRefused(turn, job, input.error));
      return;
    case "answered":
      withAttempt(turn, input.jobId, input.attempt, (job, current) =>
        onAnswered(turn, job, current, input.answer),
      );
      return;
    case "polled":
      withAttempt(turn, input.jobId, input.attempt, (job, current) =>
        onPolled(turn, job, current, input.answer),
      );
      return;
    case "stop-told":
      onStopTold(turn, input.jobId, input.ok, input.text);
      return;
    case "signalled":
      onSignalled(turn, input.signo, input.ok, input.text);
      return;
    case "exited":
      onExited(turn, input.code, input.message);
      return;
    case "dead":
      onDead(turn, input.proof, input.message);
      return;
    case "destroy-unproved":
      onDestroyUnproved(turn, input.text);
  }
}

function withAttempt(
  turn: Turn,
  jobId: string,
  attempt: number,
  act: (job: Job, current: Attempt) => void,
): void {
  const speaker = attemptOf(turn.state, jobId, attempt);
  if (speaker !== null) act(speaker.job, speaker.current);
}

function strayOf(input: Input): readonly Effect[] {
  return input.kind === "woke" && input.running ? [{ kind: "destroy-stray" }] : [];
}

function replyOfNothing(input: Input): Reply {
  if (input.kind === "beat")
    return { kind: "refused", refusal: refuse("stale-attempt", "nothing of this job is known here") };
  if (input.kind === "take" || input.kind === "extend")
    return { kind: "refused", refusal: refuse("job-not-found", "job not found") };
  return { kind: "none" };
}
