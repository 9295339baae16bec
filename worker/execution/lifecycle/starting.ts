import {
  activeJob,
  type Attempt,
  awaitsStart,
  fits,
  hasPreview,
  type Instance,
  type Job,
  isLive,
} from "../state.ts";
import { finish } from "./ending.ts";
import { holder, stopCounting } from "./instance.ts";
import { beginPolling } from "./polling.ts";
import { countStart, nextStartAt, STARTS_PER_HOUR } from "./recovery.ts";
import { giveSlotBack, hasSlot } from "./slot.ts";
import { endInstance } from "./stopping.ts";
import { noteUnsent } from "./unsent.ts";
import { cut, emit, noteOn, patchInstance, patchJob, type Turn } from "./turn.ts";

/** Of what a probe says. */
const SEEN_CHARS = 1_000;
const BEHIND_PREVIEW = "waiting for a preview to end";

/** Moves the first waiting job on, as far as the container allows. Called after every input; does nothing twice. */
export function advance(turn: Turn): void {
  const job = activeJob(turn.state);
  const { instance } = turn.state;
  if (job === null) {
    if (instance === null) giveSlotBack(turn);
    else if (turn.state.idleSince === null) turn.state = { ...turn.state, idleSince: turn.now };
    return;
  }
  if (turn.state.idleSince !== null) turn.state = { ...turn.state, idleSince: null };
  if (!awaitsStart(job)) return;
  if (instance === null) {
    if (job.starts.retryAt === null || turn.now >= job.starts.retryAt) mayStart(turn, job);
    return;
  }
  // A lost attempt is not followed by another in the container that lost it.
  if (job.status === "recovering") return;
  if (instance.intent !== null || instance.exit !== null) return;
  if (!fits(instance, job)) {
    if (!hasPreview(instance, turn.now))
      endInstance(turn, "replaced", `job ${job.jobId} needs another image or size`);
    else if (job.phase !== BEHIND_PREVIEW) patchJob(turn, job.jobId, { phase: BEHIND_PREVIEW });
    return;
  }
  const starting = patchJob(turn, job.jobId, {
    status: "starting",
    phase: "starting",
    workSince: job.workSince ?? turn.now,
  });
  if (instance.phase === "ready") beginAttempt(turn, starting, instance);
}

export function onStarted(turn: Turn): void {
  patchInstance(turn, { phase: "started", startedAt: turn.now, lastTickAt: turn.now });
  countStart(turn);
  const { instance } = turn.state;
  if (instance !== null) turn.effects.push({ kind: "probe", instance: instance.id });
}

/** The harness answered its probe: the first waiting job is handed over. */
export function onReady(turn: Turn, boot: string | null): void {
  const { instance } = turn.state;
  if (instance === null || instance.phase === "ready" || instance.intent !== null) return;
  const ready = patchInstance(turn, { phase: "ready", readyAt: turn.now, boot });
  emit(
    turn,
    "instance-started",
    { image: ready.image, size: ready.size, coldStartMs: turn.now - (ready.startedAt ?? turn.now) },
    { instance: ready.id },
  );
  const job = activeJob(turn.state);
  if (job?.status === "starting" && job.current === null) beginAttempt(turn, job, ready);
}

export function onProbeNoted(turn: Turn, seen: string): void {
  const text = cut(seen, SEEN_CHARS);
  const { instance } = turn.state;
  const job = instance === null ? null : holder(turn, instance);
  if (job?.status === "starting") patchJob(turn, job.jobId, { starts: { ...job.starts, lastError: text } });
}

export function onAccepted(
  turn: Turn,
  job: Job,
  current: Attempt,
  told: { readonly boot: string | null; readonly beats: boolean },
): void {
  const { instance } = turn.state;
  // A container that is to end takes no job; what its harness tells of the end still counts.
  if (job.status !== "starting" || instance?.intent != null) return;
  const boot = told.boot ?? current.boot;
  if (instance !== null)
    patchInstance(turn, { boot: boot ?? instance.boot, keyId: instance.keyId ?? job.keyId });
  const at = { ...current, accepted: true, boot, aliveAt: turn.now, phaseSince: turn.now };
  const running = patchJob(turn, job.jobId, {
    status: "running",
    starts: { ...job.starts, refused: 0, retryAt: null },
    current: at,
  });
  if (!told.beats) beginPolling(turn, running, at, "no-beats");
}

/** A 4xx of the harness is a verdict on the job, not a failure of the start. */
export function onRefused(turn: Turn, job: Job, error: string): void {
  if (job.status !== "starting") return;
  const { instance } = turn.state;
  if (instance !== null) patchInstance(turn, { keyId: instance.keyId ?? job.keyId });
  finish(turn, job, { status: "failed", code: "refused-by-harness", error });
}

/** A spec that no sealing key opens: reported as an eviction, so that the caller dispatches again. */
export function onSpecUnreadable(turn: Turn, job: Job): void {
  if (!isLive(job) || job.stop !== null) return;
  const { instance } = turn.state;
  // A harness keeps to the key it first heard: one that no key derives any more is of no use to any job.
  const isLockedOut = instance !== null && instance.keyId !== null && instance.keyId !== job.keyId;
  if (job.status !== "starting" || isLockedOut)
    endInstance(turn, "unneeded", "no sealing key opens the job it works on, or speaks to it");
  finish(turn, noteUnsent(turn, job), {
    status: "evicted",
    code: "spec-unreadable",
    evicted: "transient",
    error:
      "no sealing key opens the stored job (container evicted or crashed): transient infrastructure eviction",
  });
}

/** A container is to be had: not too many were started within the hour, and the slot is held. */
function mayStart(turn: Turn, job: Job): void {
  const retryAt = nextStartAt(turn.state.starts, turn.now);
  if (retryAt === null) {
    if (!hasSlot(turn, job)) return;
    // Nothing ticks while no container lives, and a slot that is not renewed lapses.
    if (job.starts.refused > 0) turn.effects.push({ kind: "renew-slot" });
    writeInstance(turn, job);
    return;
  }
  giveSlotBack(turn);
  const text = `${STARTS_PER_HOUR} containers were started within an hour; the next start waits`;
  patchJob(turn, noteOn(turn, job, "start-cap", text).jobId, {
    status: "queued",
    phase: "waiting to start again",
    ...stopCounting(job, turn.now),
    queuedSince: job.status === "queued" ? job.queuedSince : turn.now,
    starts: { ...job.starts, retryAt, lastError: text },
  });
}

function writeInstance(turn: Turn, job: Job): void {
  const instance: Instance = {
    id: turn.freshId,
    keyId: null,
    image: job.image,
    size: job.size,
    phase: "written",
    writtenAt: turn.now,
    startedAt: null,
    readyAt: null,
    boot: null,
    lastTickAt: turn.now,
    intent: null,
    exit: null,
    announced: null,
  };
  turn.state = { ...turn.state, instance };
  patchJob(turn, job.jobId, {
    status: "starting",
    phase: "starting",
    current: null,
    workSince: job.workSince ?? turn.now,
    starts: { ...job.starts, retryAt: null, lastError: null },
  });
  turn.effects.push({ kind: "start", instance: instance.id });
}

function beginAttempt(turn: Turn, job: Job, instance: Instance): void {
  const attempt = job.attempt + 1;
  const begun = patchJob(turn, job.jobId, {
    attempt,
    current: {
      instance: instance.id,
      startedAt: turn.now,
      accepted: false,
      boot: instance.boot,
      ack: 0,
      beatNumber: 0,
      aliveAt: turn.now,
      question: null,
      endSeen: false,
      forgiven: {},
      phaseSince: turn.now,
      coldNoted: false,
      answersUnheard: 0,
      polling: null,
      lostAt: null,
    },
  });
  emit(turn, "attempt-started", { image: instance.image, size: instance.size }, { job: begun });
  turn.effects.push({ kind: "post", instance: instance.id, jobId: job.jobId, attempt });
}
