/** What a reader has not seen of a board. Pure. */

import type { BoardPage } from "../../shared/board.ts";
import { Limits } from "../../shared/limits.ts";
import { type BoardState, liveCount } from "./cards.ts";

/**
 * How far a reader has read: everything up to `at`, and, where it reads a snapshot in pages, what was there when that
 * began, at `from`. Written `at` or `at.from`.
 */
export type Since = { readonly at: number; readonly from: number };

/** Progress is told no closer together than this, however few there are. */
const MIN_INTERVAL_MS = 2_000;
/** Of live cards, all of which may tell their progress within one interval. */
const CARDS_PER_SECOND = 100;
const IDLE_POLL_MS = 15_000;

/** How far apart the executions of a board tell it of progress. */
export function intervalOf(state: BoardState): number {
  return Math.max(MIN_INTERVAL_MS, Math.ceil((liveCount(state) * 1_000) / CARDS_PER_SECOND));
}

export function pageOf(state: BoardState, since: Since): Omit<BoardPage, "board" | "asOf"> {
  const reset = !isKnown(state, since);
  const { at, from } = reset ? { at: 0, from: state.revision } : since;
  const changed = [...state.cards.values()].filter(({ revision }) => revision > at);
  const shown = changed.slice(0, Limits.cardsPerPage);
  const more = shown.length < changed.length;
  const reached = more ? (shown.at(-1)?.revision ?? at) : state.revision;
  const seen = Math.max(at, from);
  const removed = [...state.removed].filter(([, { revision }]) => revision > seen && revision <= reached);
  return {
    revision: state.revision,
    next: more ? `${reached}.${from}` : `${reached}`,
    more,
    reset,
    removed: removed.map(([executionId]) => executionId),
    cards: shown.map(({ card }) => card),
    nextMs: liveCount(state) === 0 ? IDLE_POLL_MS : intervalOf(state),
  };
}

/** Whether there is anything beyond what this reader has. */
export function hasNews(state: BoardState, since: Since): boolean {
  return since.at !== state.revision;
}

/** One who has nothing, or what this board cannot have told it, takes all of it. */
function isKnown({ floor, revision }: BoardState, { at, from }: Since): boolean {
  return at > 0 && from >= floor && at <= revision && from <= revision;
}
