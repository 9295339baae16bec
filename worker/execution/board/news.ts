/**
 * What a board has not heard yet of an execution, and when it is to. Nothing is kept of what is to be told: it is the
 * difference between the jobs and what was told of them, so the newest always wins and a lost call loses nothing.
 */

import type { Card } from "../../../shared/board.ts";
import { Limits } from "../../../shared/limits.ts";
import { cardOf, gistOf } from "./card.ts";
import { activeJob, type ExecutionState, isLive, type Job } from "../state.ts";

/** What a board has of a job. */
export type Told = { readonly revision: number; readonly gist: string; readonly at: number };
export type ToldJobs = ReadonlyMap<string, Told>;

/** How it went with the board lately. In memory alone: a new incarnation asks afresh. */
export type Pace = {
  /** How far apart the board wants progress. */
  readonly intervalMs: number;
  readonly lastAt: number;
  /** Calls in a row that failed. */
  readonly failures: number;
};

export const firstPace: Pace = { intervalMs: 2_000, lastAt: Number.NEGATIVE_INFINITY, failures: 0 };

export type News = {
  readonly card: Card;
  readonly gist: string;
};

export type NewsDue =
  | { readonly kind: "now"; readonly news: readonly News[] }
  /** `isProgress`: whoever misses that moment loses nothing, the next change tells it too. */
  | { readonly kind: "later"; readonly at: number; readonly isProgress: boolean }
  | { readonly kind: "nothing" };

/** A live job is told again after so long, so that what is not heard of any more can be seen to be old. */
const AFFIRM_MS = 60_000;
/** After each further call that failed; the last one stands for all later ones. */
const BACKOFF_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000];

export function newsOf(state: ExecutionState, told: ToldJobs, pace: Pace, now: number): NewsDue {
  const due = state.jobs.flatMap((job) => dueOf(state, job, told.get(job.jobId), { pace, now }));
  if (due.length === 0) return { kind: "nothing" };
  const first = due.reduce((a, b) => (b.at < a.at ? b : a));
  const retryAt = pace.failures === 0 ? Number.NEGATIVE_INFINITY : pace.lastAt + backoffMs(pace.failures);
  const at = Math.max(first.at, retryAt);
  if (at > now) return { kind: "later", at, isProgress: first.isProgress && pace.failures === 0 };
  // What changed goes along although its own moment has not come: the call is made anyway.
  const chosen = due
    .filter((each) => each.isChange || each.at <= now)
    .toSorted((a, b) => a.at - b.at)
    .slice(0, Limits.cardsPerTelling);
  return { kind: "now", news: chosen.map(({ job, news }) => news ?? newsAbout(state, job, now)) };
}

/** The board has it. */
export function heard(told: ToldJobs, news: readonly News[]): ToldJobs {
  const next = new Map(told);
  for (const { card, gist } of news) next.set(card.jobId, { revision: card.revision, gist, at: card.asOf });
  return next;
}

export function backoffMs(failures: number): number {
  return BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? 0;
}

type Due = {
  readonly job: Job;
  /** Made where it was needed to know that. */
  readonly news: News | null;
  readonly at: number;
  readonly isChange: boolean;
  readonly isProgress: boolean;
};

function dueOf(
  state: ExecutionState,
  job: Job,
  told: Told | undefined,
  { pace, now }: { readonly pace: Pace; readonly now: number },
): readonly Due[] {
  const isSame = told !== undefined && told.revision === job.revision;
  if (isSame && !isLive(job)) return [];
  // Of a job that waits behind another nothing changes with time alone, and there may be many.
  const news = isSame && activeJob(state) !== job ? null : newsAbout(state, job, now);
  if (told === undefined || (news !== null && told.gist !== news.gist))
    return [{ job, news, at: now, isChange: true, isProgress: false }];
  if (!isSame) {
    // A clock that was set back must not silence it.
    const at = Math.min(pace.lastAt, now) + pace.intervalMs;
    // An ended job has no later change that it could go with.
    return [{ job, news, at, isChange: true, isProgress: isLive(job) }];
  }
  return [{ job, news, at: Math.min(told.at, now) + AFFIRM_MS, isChange: false, isProgress: false }];
}

function newsAbout(state: ExecutionState, job: Job, now: number): News {
  const card = cardOf(state, job, now);
  return { card, gist: gistOf(state, job, card) };
}
