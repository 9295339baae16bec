/** What a harness reports, as it is stored: each event once, with times of the object's clock. */

import type { Beat } from "../../../shared/beat.ts";
import type { HarnessEvent } from "../../../shared/events.ts";
import type { FollowUp, Progress } from "../../../shared/job-result.ts";
import { Limits } from "../../../shared/limits.ts";
import { type Attempt, type Job, jobOf, type TokenCount } from "../state.ts";
import { fingerprint } from "./fingerprint.ts";
import { emit, patchInstance, patchJob, type Turn, withNote } from "./turn.ts";

/** Follow-ups of a job that another is compared with. One that comes again after so many others is offered again. */
const FOLLOW_UPS_KNOWN = 200;
const MODELS_MAX = 20;

/** Stores what continues the sequence; what is known already or beyond a hole is left. Returns the new acknowledgement. */
export function storeEvents(turn: Turn, job: Job, beat: Beat): number {
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

/** A finished tool call; its number is the job's, over all attempts. */
export function storeSpan(
  turn: Turn,
  jobId: string,
  body: { readonly tool: string; readonly endedAt: number } & Readonly<Record<string, unknown>>,
  seq?: number,
): void {
  const job = jobOf(turn.state, jobId);
  if (job === null) return;
  const span = job.spans.newest + 1;
  patchJob(turn, jobId, { spans: { ...job.spans, newest: span }, toolName: body.tool });
  emit(turn, "tool-end", body, { job, span, ...(seq !== undefined && { seq }) });
}

/**
 * A follow-up equal to one of the last different ones of its job, whichever round told them, is in the log and not offered
 * again. A question calls for attention also where it is such a one: in a new round, asked again, it still waits.
 */
export function storeFollowUp(turn: Turn, jobId: string, followUp: FollowUp, seq?: number): void {
  const job = jobOf(turn.state, jobId);
  if (job === null) return;
  const { kind, title, detail } = followUp;
  const key = fingerprint(JSON.stringify([kind, title, detail]));
  const others = job.followUpKeys.filter((each) => each !== key);
  const repeated = others.length < job.followUpKeys.length;
  patchJob(turn, jobId, {
    followUpKeys: [...others, key].slice(-FOLLOW_UPS_KNOWN),
    questionAt: kind === "question" ? (job.questionAt ?? turn.now) : job.questionAt,
  });
  emit(
    turn,
    "follow-up",
    { followUp, repeated, seenAt: turn.now },
    { job, ...(seq !== undefined && { seq }) },
  );
}

/** The card shows what it knows; the log has the whole. */
export function knownProgress({ completed, inProgress, total, items }: Progress): Progress {
  const shown = items?.map(({ label, status }) => ({ label, status }));
  return { completed, inProgress, total, ...(shown === undefined ? {} : { items: shown }) };
}

/** An age that cannot be, negative or older than the attempt, counts as zero. */
export function possibleAge(now: number, ageMs: number, current: Attempt): number {
  return ageMs >= 0 && ageMs <= now - current.startedAt ? ageMs : 0;
}

function storeEvent(turn: Turn, beat: Beat, event: HarnessEvent): void {
  const { kind, seq, at, ...body } = event;
  const job = jobOf(turn.state, beat.jobId);
  if (!job?.current) return;
  const seenAt = turn.now - possibleAge(turn.now, beat.sentAt - at, job.current);
  switch (event.kind) {
    case "tool-end": {
      const startedAt = seenAt - possibleAge(turn.now, event.durationMs, job.current);
      storeSpan(turn, job.jobId, { ...body, tool: event.tool, startedAt, endedAt: seenAt }, seq);
      return;
    }
    case "follow-up":
      storeFollowUp(turn, job.jobId, event.followUp, seq);
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

function takeNote(turn: Turn, job: Job, code: string, text: string): void {
  if (code === "base-commit") {
    // Work is what the branch holds beyond the commit that the first attempt began from.
    patchJob(turn, job.jobId, { baseCommit: job.baseCommit ?? text.slice(0, COMMIT_CHARS) });
    return;
  }
  patchJob(turn, job.jobId, { notes: withNote(job.notes, { at: turn.now, code, text }, Limits.notesPerJob) });
  if (code === "shutting-down" || code === "drained") patchInstance(turn, { announced: code });
}

/** A commit id of either hash that git knows. */
const COMMIT_CHARS = 64;

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
  return [...tokens.filter((each) => each.model !== model), sum].slice(-MODELS_MAX);
}

function tailOf(tail: readonly string[], text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.slice(0, Limits.logTailLineChars));
  return [...tail, ...lines.filter((line) => line !== "")].slice(-Limits.logTailLines);
}
