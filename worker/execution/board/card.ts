import type { Card } from "../../../shared/board.ts";
import type { DeadlineName } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import { deadlinesFor } from "../deadlines.ts";
import type { Deadline } from "../deadlines/deadline.ts";
import { activeJob, type ExecutionState, isLive, type Job } from "../state.ts";
import { attentionOf, queueOf, runningMs, toDeadlineView } from "../view.ts";

/** Two and a half of the intervals at which a live execution repeats what it has said, whatever has changed. */
const STALE_MS = 150_000;

/** What a board shows of a job. Pure; `now` is the card's `asOf`. */
export function cardOf(state: ExecutionState, job: Job, now: number): Card {
  const own = deadlinesFor(state, job);
  const ending = endingOf(state, job, own);
  const views = own.map((deadline) => toDeadlineView(deadline, now));
  const attention = attentionOf(state, job, { own: views, now });
  return fitted({
    executionId: state.executionId,
    jobId: job.jobId,
    round: job.round,
    title: job.labels["title"] ?? job.jobId,
    labels: { ...job.labels },
    about: job.about,
    status: job.status,
    phase: job.phase,
    progress: progressOf(job),
    signals: { process: job.beatAt, output: job.outputAt, tool: job.toolAt },
    attempt: job.attempt,
    recoveries: job.recoveries.length,
    usage: usageOf(job, now),
    deadline: ending,
    attention: attention === null ? null : { since: attention.since, why: cut(attention.why) },
    queue: queueOf(state, job).queue ?? null,
    outcome: outcomeOf(job),
    startedAt: job.acceptedAt,
    endedAt: job.end?.at ?? null,
    revision: job.revision,
    asOf: now,
    staleAt: isLive(job) ? now + STALE_MS : null,
  });
}

/**
 * What of a card a person waits for: where two differ in it, the later one is told at once. Everything else is progress.
 */
export function gistOf(state: ExecutionState, job: Job, card: Card): string {
  const { round, status, phase, attempt, recoveries, attention, outcome } = card;
  const { previewUntil } = state.instance ?? {};
  const deadline = card.deadline?.name ?? null;
  const moved = [job.extended, deadline === "preview" ? previewUntil : null];
  return JSON.stringify([
    round,
    status,
    phase,
    attempt,
    recoveries,
    attention?.why,
    outcome?.code,
    deadline,
    moved,
  ]);
}

/** Deadlines at which a job is stopped, fails or loses its preview. The others ask, tell or look after something. */
const ends: ReadonlySet<DeadlineName> = new Set<DeadlineName>([
  "queued",
  "starting",
  "step",
  "inactivity",
  "tool-silence",
  "max-duration",
  "stop-grace",
  "preview",
]);

function endingOf(state: ExecutionState, job: Job, own: readonly Deadline[]): Card["deadline"] {
  // A job that waits behind another has no deadline of its own; one that has ended, at most its preview's.
  if (isLive(job) ? activeJob(state) !== job : !keepsPreview(state, job)) return null;
  const next = own.find(({ name }) => ends.has(name));
  if (next === undefined) return null;
  const { name, at, extendable, why } = next;
  return { name, at, extendable, why: cut(why) };
}

function keepsPreview({ instance }: ExecutionState, job: Job): boolean {
  const isItsOwn = instance !== null && job.current?.instance === instance.id;
  return isItsOwn && instance.previewUntil !== undefined && job.status === "done";
}

function progressOf({ progress }: Job): Card["progress"] {
  if (progress === null) return null;
  const { completed, inProgress, total, items = [] } = progress;
  const open = items.findIndex(({ status }) => status !== "completed");
  const newest = Math.max(0, items.length - Limits.cardItems);
  const from = Math.min(newest, open === -1 ? newest : Math.max(0, open - ITEMS_BEFORE));
  const shown = items.slice(from, from + Limits.cardItems);
  return {
    completed,
    inProgress,
    total,
    items: shown.map(({ label, status }) => ({ label: cut(label, Limits.cardItemChars), status })),
  };
}

/** Finished items that a window on the list shows before the first open one. */
const ITEMS_BEFORE = 5;

function usageOf(job: Job, now: number): Card["usage"] {
  const sum = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
  for (const each of job.tokens) {
    sum.input += each.input;
    sum.cacheRead += each.cacheRead;
    sum.cacheWrite += each.cacheWrite;
    sum.output += each.output;
  }
  return { containerSeconds: Math.round((job.containerMs + runningMs(job, now)) / 100) / 10, ...sum };
}

function outcomeOf({ end }: Job): Card["outcome"] {
  if (end === null) return null;
  const { code, retryable, blame, next } = end.outcome;
  return { code, retryable, blame, next };
}

/** Within its bytes: the items of its progress go first, then its labels, of which the title stays as such. */
function fitted(card: Card): Card {
  const short = { ...card, title: cut(card.title, Limits.labelChars) };
  if (bytesOf(short) <= Limits.cardBytes) return short;
  const bare = short.progress === null ? short : { ...short, progress: { ...short.progress, items: [] } };
  return bytesOf(bare) <= Limits.cardBytes ? bare : { ...bare, labels: {} };
}

function cut(text: string, maxChars: number = Limits.cardTextChars): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}

function bytesOf(card: Card): number {
  return encoder.encode(JSON.stringify(card)).byteLength;
}

const encoder = new TextEncoder();
