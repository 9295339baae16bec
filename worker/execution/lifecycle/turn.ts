import type { BeatReply } from "../../../shared/beat.ts";
import { type EventKind, HarnessEvent } from "../../../shared/events.ts";
import type { Refusal } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import type { JobResult } from "../../../shared/job-result.ts";
import type { Note } from "../../../shared/note.ts";
import type { Effect } from "../effect.ts";
import { type ExecutionState, type Instance, type Job, jobOf } from "../state.ts";

/** One line for the log, its cursor already given. */
export type NewEvent = {
  readonly cursor: number;
  readonly at: number;
  readonly kind: EventKind;
  readonly jobId: string | null;
  readonly round: number | null;
  readonly attempt: number | null;
  readonly instance: string | null;
  readonly seq: number | null;
  /** The job's own number of a finished tool call. */
  readonly span: number | null;
  readonly body: Readonly<Record<string, unknown>>;
};

/** Of one note on a card; the log has it in full. */
const NOTE_CHARS = 2_000;

export type NewResult = { readonly jobId: string; readonly round: number; readonly result: JobResult };

/** What the caller of a step gets told; never stored. */
export type Reply =
  | { readonly kind: "none" }
  | {
      readonly kind: "dispatched";
      readonly jobId: string;
      readonly fresh: boolean;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "beat"; readonly reply: BeatReply }
  | { readonly kind: "extended"; readonly at: number }
  | {
      readonly kind: "taken";
      /** The job has ended and this read does not say so yet. */
      readonly held: boolean;
      readonly spans: { readonly from: number; readonly to: number };
      readonly followUps: { readonly after: number; readonly through: number };
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The accumulators of one step; local to it, so that `step` stays a pure function. */
export type Turn = {
  state: ExecutionState;
  readonly now: number;
  readonly freshId: string;
  readonly effects: Effect[];
  readonly events: NewEvent[];
  readonly results: NewResult[];
  reply: Reply;
};

type EventSubject = {
  readonly job?: Job | null;
  readonly instance?: string | null;
  readonly seq?: number;
  readonly span?: number;
};

export function emit(
  turn: Turn,
  kind: EventKind,
  body: Readonly<Record<string, unknown>>,
  subject: EventSubject = {},
): void {
  const cursor = turn.state.cursor + 1;
  turn.state = { ...turn.state, cursor };
  const { job = null } = subject;
  turn.events.push({
    cursor,
    at: turn.now,
    kind,
    jobId: job?.jobId ?? null,
    round: job?.round ?? null,
    attempt: job?.attempt ?? null,
    instance: subject.instance ?? job?.current?.instance ?? null,
    seq: subject.seq ?? null,
    span: subject.span ?? null,
    body: bounded(body),
  });
}

/** The fields of harness events that a version of this code reads or shows. */
const knownFields: ReadonlySet<string> = new Set([
  ...HarnessEvent.options.flatMap(({ shape }) => Object.keys(shape)),
  "startedAt",
  "endedAt",
  "seenAt",
  "repeated",
]);

/**
 * The schema bounds every field it knows, and unknown fields or JSON's escapes may still swell an event past its limit:
 * then unknown fields go, and after them the longest field is cut, with a mark, until it fits.
 */
function bounded(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (lengthOf(body) <= Limits.eventBytes) return body;
  const known = Object.entries(body).filter(([name]) => knownFields.has(name));
  let kept: Readonly<Record<string, unknown>> =
    known.length === 0 ? body : { ...Object.fromEntries(known), truncated: lengthOf(body) };
  for (let length = lengthOf(kept); length > Limits.eventBytes; length = lengthOf(kept)) {
    const [name, value] = longestField(kept);
    const shorter =
      typeof value === "string" && value.length > 1_000
        ? cut(value, Math.floor(value.length / 2))
        : `(dropped: ${lengthOf(value)} characters)`;
    kept = { ...kept, [name]: shorter };
    if (lengthOf(kept) >= length) return { truncated: lengthOf(body) };
  }
  return kept;
}

function longestField(body: Readonly<Record<string, unknown>>): readonly [name: string, value: unknown] {
  const byLength = Object.entries(body).toSorted(([, a], [, b]) => lengthOf(b) - lengthOf(a));
  return byLength[0] ?? ["", null];
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value ?? null).length;
}

/** Replaces a job; the caller reads it again from the answer. */
export function patchJob(turn: Turn, jobId: string, patch: Partial<Job>): Job {
  const job = jobOf(turn.state, jobId);
  if (job === null) throw new Error(`no job ${jobId} in this execution`);
  const next: Job = { ...job, ...patch };
  turn.state = { ...turn.state, jobs: turn.state.jobs.map((each) => (each.jobId === jobId ? next : each)) };
  return next;
}

export function patchInstance(turn: Turn, patch: Partial<Instance>): Instance {
  const { instance } = turn.state;
  if (instance === null) throw new Error("no instance in this execution");
  const next: Instance = { ...instance, ...patch };
  turn.state = { ...turn.state, instance: next };
  return next;
}

/** A warning or fact on the job's card and in the log. */
export function noteOn(turn: Turn, job: Job, code: string, text: string): Job {
  emit(turn, "note", { code, text }, { job });
  return patchJob(turn, job.jobId, {
    notes: withNote(job.notes, { at: turn.now, code, text }, Limits.notesPerJob),
  });
}

export function withNote(notes: readonly Note[], note: Note, max: number): readonly Note[] {
  return [...notes, { ...note, text: cutNote(note.text) }].slice(-max);
}

/** A text as a note has it. */
export function cutNote(text: string): string {
  return cut(text, NOTE_CHARS);
}

/** A text that fits, with a mark where it was cut. */
export function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}… (${text.length - maxChars} more)`;
}

/** Multiplies what is no limit of its own by the policy's scale. */
export function scaled(job: Job | null, ms: number): number {
  return Math.max(1, Math.round(ms * (job?.policy.scale ?? 1)));
}

export function seconds(ms: number): string {
  const value = ms / 1000;
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}s`;
}
