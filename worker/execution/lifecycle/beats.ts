import { type Beat, type BeatReply, type Directive } from "../../../shared/beat.ts";
import { refuse } from "../../../shared/errors.ts";
import type { HarnessEvent } from "../../../shared/events.ts";
import type { Progress } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import { type Attempt, type Job, isLive, jobOf, type TokenCount } from "../state.ts";
import { finishAsTold } from "./ending.ts";
import { fingerprint } from "./fingerprint.ts";
import { onAccepted } from "./starting.ts";
import { endedWhileStopping } from "./stopping.ts";
import { emit, patchInstance, patchJob, type Turn, withNote } from "./turn.ts";

/** Beats per silence window: the window stands for four missed beats and some slack of the network. */
const BEATS_PER_SILENCE = 4.5;
const FOLLOW_UPS_MAX = 200;

/** One beat: stored and acknowledged, known already, or refused with nothing changed. */
export function onBeat(turn: Turn, beat: Beat): void {
  const job = jobOf(turn.state, beat.jobId);
  const current = job?.current ?? null;
  const { instance } = turn.state;
  const past = job?.past ?? null;
  if (
    job !== null &&
    past?.attempt === beat.attempt &&
    past.instance === beat.instance &&
    instance?.id === beat.instance
  ) {
    turn.reply = { kind: "beat", reply: { ack: past.ack, directives: [], nextBeatMs: nextBeatMs(job) } };
    return;
  }
  if (
    job === null ||
    current === null ||
    beat.attempt !== job.attempt ||
    beat.instance !== current.instance
  ) {
    turn.reply = { kind: "refused", refusal: stale() };
    return;
  }
  if (!isLive(job)) {
    const live = instance !== null && instance.id === beat.instance;
    turn.reply = live ? replyTo(job, current.ack) : { kind: "refused", refusal: stale() };
    return;
  }
  if (
    instance === null ||
    instance.id !== beat.instance ||
    (current.boot !== null && beat.boot !== current.boot)
  ) {
    turn.reply = { kind: "refused", refusal: stale() };
    return;
  }
  if (job.status === "starting") onAccepted(turn, job, current, beat.boot);
  const alive = takeSigns(turn, beat);
  const ack = storeEvents(turn, alive, beat);
  const last = beat.events.at(-1)?.seq ?? ack;
  const settled = jobOf(turn.state, beat.jobId) ?? alive;
  if (beat.terminal !== undefined && ack >= last) {
    if (settled.stop === null) finishAsTold(turn, settled, beat.terminal);
    else endedWhileStopping(turn, settled, settled.stop, beat.terminal);
  }
  turn.reply = replyTo(jobOf(turn.state, beat.jobId) ?? settled, ack);
}

export function nextBeatMs(job: Job): number {
  return Math.max(20, Math.round(job.policy.silenceMs / BEATS_PER_SILENCE));
}

function replyTo(job: Job, ack: number): { readonly kind: "beat"; readonly reply: BeatReply } {
  const directives: Directive[] = [];
  if (isLive(job) && job.stop !== null) {
    directives.push({ kind: "stop", cause: job.stop.cause, graceMs: job.policy.stopGraceMs });
  }
  return { kind: "beat", reply: { ack, directives, nextBeatMs: nextBeatMs(job) } };
}

function stale(): ReturnType<typeof refuse> {
  return refuse("stale-attempt", "this attempt of the job has been replaced or was never started here");
}

/** Liveness and ages. The container's clock is only ever subtracted from itself. */
function takeSigns(turn: Turn, beat: Beat): Job {
  const job = jobOf(turn.state, beat.jobId);
  const current = job?.current;
  if (!job || !current) throw new Error("a beat without its attempt");
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
      aliveAt: turn.now,
      question: null,
      endSeen: false,
      forgiven: false,
      phaseSince: phaseMoved ? turn.now : current.phaseSince,
    },
  });
}

/** The card shows what it knows; the log has the whole. */
function knownProgress({ completed, inProgress, total, items }: Progress): Progress {
  const shown = items?.map(({ label, status }) => ({ label, status }));
  return { completed, inProgress, total, ...(shown === undefined ? {} : { items: shown }) };
}

/** An age that cannot be (negative, or older than the attempt) counts as zero; no time moves back. */
function ageToTime(
  now: number,
  ageMs: number | null,
  current: Attempt,
  before: number | null,
): number | null {
  if (ageMs === null) return before;
  return Math.max(before ?? 0, now - possibleAge(now, ageMs, current));
}

function possibleAge(now: number, ageMs: number, current: Attempt): number {
  return ageMs >= 0 && ageMs <= now - current.startedAt ? ageMs : 0;
}

/** Stores what continues the sequence; what is known already or beyond a hole is left. */
function storeEvents(turn: Turn, job: Job, beat: Beat): number {
  let ack = job.current?.ack ?? 0;
  for (const event of beat.events) {
    if (event.seq !== ack + 1) continue;
    ack = event.seq;
    storeEvent(turn, beat, event);
  }
  const stored = jobOf(turn.state, job.jobId);
  if (stored?.current && stored.current.ack !== ack) {
    patchJob(turn, job.jobId, { current: { ...stored.current, ack } });
  }
  return ack;
}

function storeEvent(turn: Turn, beat: Beat, event: HarnessEvent): void {
  const { kind, seq, at, ...body } = event;
  const job = jobOf(turn.state, beat.jobId);
  if (!job?.current) return;
  const seenAt = turn.now - possibleAge(turn.now, beat.sentAt - at, job.current);
  switch (event.kind) {
    case "tool-end": {
      const span = job.spans.newest + 1;
      patchJob(turn, job.jobId, { spans: { ...job.spans, newest: span } });
      const startedAt = seenAt - possibleAge(turn.now, event.durationMs, job.current);
      emit(turn, kind, { ...body, startedAt, endedAt: seenAt }, { job, seq, span });
      return;
    }
    case "follow-up":
      storeFollowUp(turn, job, event, { ...body, seenAt });
      return;
    case "gap":
      patchJob(turn, job.jobId, {
        gaps: [...job.gaps, { at: turn.now, count: event.count, reason: event.reason }].slice(
          -Limits.notesPerJob,
        ),
      });
      break;
    case "usage":
      patchJob(turn, job.jobId, { tokens: addTokens(job.tokens, event) });
      break;
    case "output":
      patchJob(turn, job.jobId, { logTail: tailOf(job.logTail, event.text) });
      break;
    case "note":
      takeNote(turn, job, event.code, event.text);
      break;
    case "phase":
    case "progress":
    case "tool-start":
      break;
  }
  emit(turn, kind, { ...body, seenAt }, { job, seq });
}

/** A follow-up equal to an earlier one of its job is in the log, and not offered again. */
function storeFollowUp(
  turn: Turn,
  job: Job,
  event: Extract<HarnessEvent, { kind: "follow-up" }>,
  body: Readonly<Record<string, unknown>>,
): void {
  const { kind, title, detail } = event.followUp;
  const key = fingerprint(JSON.stringify([kind, title, detail]));
  const repeated = job.followUpKeys.includes(key) || job.followUpKeys.length >= FOLLOW_UPS_MAX;
  if (!repeated) {
    const asked = kind === "question" ? (job.questionAt ?? turn.now) : job.questionAt;
    patchJob(turn, job.jobId, { followUpKeys: [...job.followUpKeys, key], questionAt: asked });
  }
  emit(turn, "follow-up", { ...body, repeated }, { job, seq: event.seq });
}

function takeNote(turn: Turn, job: Job, code: string, text: string): void {
  patchJob(turn, job.jobId, { notes: withNote(job.notes, { at: turn.now, code, text }, Limits.notesPerJob) });
  if (code === "shutting-down" || code === "drained") patchInstance(turn, { announced: code });
}

function addTokens(
  tokens: readonly TokenCount[],
  event: Extract<HarnessEvent, { kind: "usage" }>,
): readonly TokenCount[] {
  const model = event.model ?? "unknown";
  const before = tokens.find((each) => each.model === model);
  const sum: TokenCount = {
    model,
    input: (before?.input ?? 0) + event.inputTokens,
    cacheRead: (before?.cacheRead ?? 0) + event.cacheReadTokens,
    cacheWrite: (before?.cacheWrite ?? 0) + event.cacheWriteTokens,
    output: (before?.output ?? 0) + event.outputTokens,
  };
  return [...tokens.filter((each) => each.model !== model), sum].slice(-20);
}

function tailOf(tail: readonly string[], text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.slice(0, Limits.logTailLineChars));
  return [...tail, ...lines.filter((line) => line !== "")].slice(-Limits.logTailLines);
}
