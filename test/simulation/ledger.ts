/** What was seen of one execution so far, kept apart from what the core remembers, for checks to compare. */

import type { Beat } from "../../shared/beat.ts";
import type { Happening } from "../../worker/execution/input.ts";
import type { Stepped } from "../../worker/execution/lifecycle.ts";
import type { Deadline } from "../../worker/execution/deadlines/deadline.ts";
import { type ExecutionState, isLive, isTerminal, type Job, jobOf } from "../../worker/execution/state.ts";
import type { Site } from "./site.ts";

export type Round = {
  readonly jobId: string;
  readonly begunAt: number;
  /** The end as it was first seen, as JSON. */
  end: string | null;
  /** When a cancel or release of the live job was stored. */
  stopAskedAt: number | null;
  /** Since when it has been at work, and for how long it was before. */
  workingSince: number | null;
  workedMs: number;
  lost: { crash: number; transient: number };
  tokens: number;
};

export type Ledger = {
  readonly rounds: Map<string, Round>;
  /** By job and attempt: the highest number stored, the last sign of life, what questions came to. */
  readonly stored: Map<string, number>;
  readonly heardAt: Map<string, number>;
  /** By job and attempt: the highest number of a beat that was taken. */
  readonly newestBeat: Map<string, number>;
  readonly answers: Map<string, readonly string[]>;
  /** Attempts of which the log says that nobody knows what is missing. */
  readonly gaps: Set<string>;
  /** By round and deadline: when people were last told that it is near. */
  readonly announced: Map<string, number>;
  readonly sleeps: { readonly from: number; readonly to: number }[];
  unneededSince: number | null;
  /** Containers that the object knows to have been started, and were not refused for want of room. */
  starts: readonly { readonly id: string; readonly at: number }[];
  steps: number;
  /** The first beat that was heard; repeated when it is stale. */
  firstBeat: Beat | null;
};

/** What went into a step and what came of it. */
export type Taken = {
  readonly input: Happening;
  readonly before: ExecutionState | null;
  readonly stepped: Stepped;
  readonly freshId: string;
};

/** One step as it was taken, and where. */
export type Seen = Taken & {
  readonly site: Site;
  readonly after: ExecutionState | null;
  readonly now: number;
  readonly standing: readonly Deadline[];
};

export function newLedger(): Ledger {
  return {
    rounds: new Map(),
    stored: new Map(),
    heardAt: new Map(),
    newestBeat: new Map(),
    answers: new Map(),
    gaps: new Set(),
    announced: new Map(),
    sleeps: [],
    unneededSince: null,
    starts: [],
    steps: 0,
    firstBeat: null,
  };
}

export function roundKey(job: Pick<Job, "jobId" | "round">): string {
  return `${job.jobId} ${job.round}`;
}

/** To be called once for each step, before it is held against the checks. */
export function remember(seen: Seen, ledger: Ledger): void {
  const { after, before, input, now, stepped } = seen;
  if (input.kind === "beat") ledger.firstBeat ??= input.beat;
  for (const event of stepped.events) {
    if (event.kind === "gap" && event.body["count"] === null)
      ledger.gaps.add(`${event.jobId} ${event.attempt}`);
    const near = nearIn(event.body["code"]);
    if (event.kind === "note" && near !== null)
      ledger.announced.set(`${event.jobId} ${event.round} ${near}`, now);
    if (event.kind === "usage") {
      const round = ledger.rounds.get(`${event.jobId} ${event.round}`);
      if (round !== undefined) round.tokens += Number(event.body["inputTokens"]);
    }
  }
  countStarts(seen, ledger);
  if (after === null) return;
  for (const job of after.jobs) {
    const round = roundOf(ledger, job, now);
    if (before === null || jobOf(before, job.jobId) !== job) countWork(round, job, now);
  }
  const { live: wasLive } = toldToStop(seen);
  for (const round of wasLive) round.stopAskedAt ??= now;
  const heard = heardIn(seen);
  if (heard !== null) ledger.heardAt.set(heard, now);
  if (heard !== null && input.kind === "beat") ledger.newestBeat.set(heard, input.beat.number ?? 0);
  const isNeeded = after.jobs.some(isLive);
  if (isNeeded || input.kind === "dispatch") ledger.unneededSince = null;
  else ledger.unneededSince ??= now;
}

function nearIn(code: unknown): string | null {
  return typeof code === "string" && code.endsWith("-near") ? code.slice(0, -"-near".length) : null;
}

function countStarts({ after, before, input, now }: Seen, ledger: Ledger): void {
  const [was, is] = [before?.instance ?? null, after?.instance ?? null];
  if (was?.phase === "written" && is?.id === was.id && is.phase !== "written")
    ledger.starts = [...ledger.starts, { id: is.id, at: now }];
  const isSaid = input.kind === "start-failed" && input.instance === was?.id && input.cause !== "other";
  // Where the object had to begin anew to be sure of it, the job alone tells.
  const isFound = after?.jobs.some(({ jobId, starts }) => {
    const old = before === null ? null : jobOf(before, jobId);
    return starts.refused > (old?.starts.refused ?? 0);
  });
  if (isSaid || isFound === true) ledger.starts = ledger.starts.filter(({ id }) => id !== was?.id);
}

function roundOf(ledger: Ledger, job: Job, now: number): Round {
  const key = roundKey(job);
  const known = ledger.rounds.get(key);
  if (known !== undefined) return known;
  const round: Round = {
    jobId: job.jobId,
    begunAt: now,
    end: null,
    stopAskedAt: null,
    workingSince: null,
    workedMs: 0,
    lost: { crash: 0, transient: 0 },
    tokens: 0,
  };
  ledger.rounds.set(key, round);
  return round;
}

/** Starting, running and recovering count; waiting and stopping do not. */
function countWork(round: Round, { status }: Job, now: number): void {
  const isAtWork = status === "starting" || status === "running" || status === "recovering";
  if (isAtWork) round.workingSince ??= now;
  else if (round.workingSince !== null) {
    round.workedMs += now - round.workingSince;
    round.workingSince = null;
  }
}

/** Rounds that this step's cancel or release found live. */
function toldToStop({ before, input, site }: Seen): { readonly live: readonly Round[] } {
  if (before === null || (input.kind !== "cancel" && input.kind !== "release")) return { live: [] };
  const named = before.jobs.filter((job) => input.kind === "release" || job.jobId === input.jobId);
  const live = named.filter((job) => !isTerminal(job.status));
  return { live: live.flatMap((job) => site.ledger.rounds.get(roundKey(job)) ?? []) };
}

/** The attempt that this step is a sign of life of. */
function heardIn({ before, input, site, stepped }: Seen): string | null {
  if (input.kind === "beat") {
    const { attempt, jobId, number } = input.beat;
    const key = `${jobId} ${attempt}`;
    // One that a later one has overtaken, or that comes twice, is no news.
    const isNews = number === undefined || number > (site.ledger.newestBeat.get(key) ?? 0);
    return stepped.reply.kind === "beat" && isNews ? key : null;
  }
  if (input.kind === "accepted") {
    const job = before === null ? null : jobOf(before, input.jobId);
    const isNew = job?.status === "starting" && job.attempt === input.attempt;
    return isNew ? `${input.jobId} ${input.attempt}` : null;
  }
  if (input.kind !== "answered" && input.kind !== "polled") return null;
  // A harness that has beaten meanwhile is heard: what a poll of before brings is not looked at.
  const polling = before === null ? null : (jobOf(before, input.jobId)?.current?.polling ?? null);
  if (input.kind === "polled" && polling === null) return null;
  return input.answer.kind === "known" ? `${input.jobId} ${input.attempt}` : null;
}
