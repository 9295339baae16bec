import type { Beat, BeatReply, Directive } from "../../../shared/beat.ts";
import { refuse } from "../../../shared/errors.ts";
import { type Attempt, isLive, type Job, jobOf } from "../state.ts";
import { finishAsTold } from "./ending.ts";
import { speakerOf } from "./fencing.ts";
import { noteLateEnd } from "./late-evidence.ts";
import { nextBeatMs } from "./pace.ts";
import { onAccepted } from "./starting.ts";
import { endedWhileStopping, graceOf } from "./stopping.ts";
import { knownProgress, possibleAge, storeEvents } from "./telemetry.ts";
import { patchJob, type Turn } from "./turn.ts";

/** One beat: stored and acknowledged, known already, or refused with nothing changed. */
export function onBeat(turn: Turn, beat: Beat): void {
  const speaker = speakerOf(turn.state, beat);
  switch (speaker.kind) {
    case "stale": {
      const error = "this attempt of the job has been replaced or was never started here";
      turn.reply = { kind: "refused", refusal: refuse("stale-attempt", error) };
      return;
    }
    case "ended":
      if (beat.terminal !== undefined) noteLateEnd(turn, speaker.job, beat);
      turn.reply = replyTo(turn, speaker.job, speaker.ack);
      return;
    case "current":
      take(turn, speaker.job, speaker.current, beat);
  }
}

function take(turn: Turn, job: Job, current: Attempt, beat: Beat): void {
  if (job.status === "starting") onAccepted(turn, job, current, { boot: beat.boot, beats: true });
  const alive = takeSigns(turn, beat);
  const ack = storeEvents(turn, alive, beat);
  const last = beat.events.at(-1)?.seq ?? ack;
  const settled = jobOf(turn.state, beat.jobId) ?? alive;
  if (beat.terminal !== undefined && ack >= last) {
    if (settled.stop === null) finishAsTold(turn, settled, beat.terminal);
    else endedWhileStopping(turn, settled, settled.stop, beat.terminal);
  }
  turn.reply = replyTo(turn, jobOf(turn.state, beat.jobId) ?? settled, ack);
}

function replyTo(turn: Turn, job: Job, ack: number): { readonly kind: "beat"; readonly reply: BeatReply } {
  const directives = isLive(job) ? directivesOf(job, turn.now) : [];
  return { kind: "beat", reply: { ack, directives, nextBeatMs: nextBeatMs(job) } };
}

/** Wishes, repeated in every reply: the harness may have missed the one before. */
function directivesOf(job: Job, now: number): Directive[] {
  const extensions = Object.entries(job.extended)
    .filter(([, until]) => until > now)
    .map(([deadline, until]) => ({ kind: "extend" as const, deadline, until }));
  if (job.stop === null) return extensions;
  return [{ kind: "stop", cause: job.stop.cause, graceMs: graceOf(job) }, ...extensions];
}

/**
 * Liveness and ages. The container's clock is only ever subtracted from itself. Of a beat that a later one has overtaken, or
 * that comes twice, only events and end are news.
 */
function takeSigns(turn: Turn, beat: Beat): Job {
  const job = jobOf(turn.state, beat.jobId);
  const current = job?.current;
  if (!job || !current) throw new Error("a beat without its attempt");
  const beatNumber = beat.number ?? current.beatNumber;
  if (beat.number !== undefined && beatNumber <= current.beatNumber) return job;
  const outputAt = ageToTime(turn.now, beat.outputAgeMs, current, job.outputAt);
  const phaseMoved = beat.phase !== job.phase && job.status === "running";
  return patchJob(turn, job.jobId, {
    beatAt: turn.now,
    outputAt,
    toolAt: ageToTime(turn.now, beat.toolAgeMs, current, job.toolAt),
    heartbeatAt: Math.max(job.heartbeatAt, outputAt ?? job.heartbeatAt),
    phase: job.status === "running" ? beat.phase : job.phase,
    progress: beat.progress === undefined ? job.progress : knownProgress(beat.progress),
    current: {
      ...current,
      beatNumber,
      aliveAt: turn.now,
      question: null,
      endSeen: false,
      answersUnheard: 0,
      polling: null,
      phaseSince: phaseMoved ? turn.now : current.phaseSince,
    },
  });
}

/** No time moves back. */
function ageToTime(
  now: number,
  ageMs: number | null,
  current: Attempt,
  before: number | null,
): number | null {
  if (ageMs === null) return before;
  return Math.max(before ?? 0, now - possibleAge(now, ageMs, current));
}
