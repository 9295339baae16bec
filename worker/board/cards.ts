/** What a board holds, and what changes it. Pure: nothing depends on the order in which news come, or how often. */

import type { Card } from "../../shared/board.ts";
import { Limits } from "../../shared/limits.ts";

export type BoardState = {
  /** Highest revision given out; never below the clock, so that it grows also where a board begins anew. */
  readonly revision: number;
  /** What a reader does not know of since before this, nobody can tell it any more. */
  readonly floor: number;
  /** Oldest change first. */
  readonly cards: ReadonlyMap<string, Pinned>;
  /** By execution, oldest first. */
  readonly removed: ReadonlyMap<string, Removed>;
};

/** A card, and the board's revision at which it came to be what it is. */
export type Pinned = { readonly revision: number; readonly card: Card };

/** @property through what the execution said up to this revision of its own is not taken any more */
export type Removed = { readonly revision: number; readonly through: number };

export const emptyBoard: BoardState = { revision: 0, floor: 0, cards: new Map(), removed: new Map() };

export function keyOf({ executionId, jobId }: Pick<Card, "executionId" | "jobId">): string {
  // An execution's name has no space.
  return `${executionId} ${jobId}`;
}

/** Cards of one execution or of many. What is older than what is here, or as old, changes nothing. */
export function tell(before: BoardState, cards: readonly Card[], now: number): BoardState {
  const fresh = cards.filter((card) => isNews(before, card));
  if (fresh.length === 0) return before;
  const kept = new Map(before.cards);
  let { revision, floor } = before;
  for (const card of fresh) {
    const known = kept.get(keyOf(card));
    // Twice in one call: the newer wins here too.
    if (known !== undefined && !isNewer(card, known.card)) continue;
    revision = Math.max(revision + 1, now);
    if (floor === 0) floor = revision;
    kept.delete(keyOf(card));
    kept.set(keyOf(card), { revision, card });
  }
  return bounded({ ...before, revision, floor, cards: kept }, now);
}

/**
 * Takes an execution off. Readers drop all cards of its name at that, so what its name was used for since is put up
 * again after it.
 */
export function remove(before: BoardState, executionId: string, through: number, now: number): BoardState {
  const known = before.removed.get(executionId);
  const own = [...before.cards].filter(([, { card }]) => card.executionId === executionId);
  const isThere = own.some(([, { card }]) => card.revision <= through);
  if (!isThere && known !== undefined && known.through >= through) return before;
  let revision = Math.max(before.revision + 1, now);
  const removed = new Map(before.removed);
  removed.delete(executionId);
  removed.set(executionId, { revision, through: Math.max(through, known?.through ?? 0) });
  const floor = before.revision === 0 ? revision : before.floor;
  const cards = new Map(before.cards);
  for (const [key, { card }] of own) {
    cards.delete(key);
    if (card.revision <= through) continue;
    revision += 1;
    cards.set(key, { revision, card });
  }
  return withoutOldest({ revision, floor, cards, removed });
}

/** Cards whose job has not ended. */
export function liveCount({ cards }: BoardState): number {
  let live = 0;
  for (const { card } of cards.values()) if (card.endedAt === null) live += 1;
  return live;
}

function isNews({ cards, removed }: BoardState, card: Card): boolean {
  const known = cards.get(keyOf(card));
  if (known !== undefined && !isNewer(card, known.card)) return false;
  return card.revision > (removed.get(card.executionId)?.through ?? Number.NEGATIVE_INFINITY);
}

function isNewer(card: Card, known: Card): boolean {
  if (card.revision !== known.revision) return card.revision > known.revision;
  return card.asOf > known.asOf;
}

/** Beyond its bound a board gives up the execution that ended first; where all live, the one not heard of for longest. */
function bounded(state: BoardState, now: number): BoardState {
  let kept = state;
  while (kept.cards.size > Limits.cardsPerBoard) {
    const { executionId } = leastWanted(kept);
    const own = [...kept.cards.values()].filter(({ card }) => card.executionId === executionId);
    const through = Math.max(...own.map(({ card }) => card.revision));
    kept = remove(kept, executionId, through, now);
  }
  return kept;
}

function leastWanted({ cards }: BoardState): Card {
  const latest = new Map<string, Card>();
  for (const { card } of cards.values()) {
    const known = latest.get(card.executionId);
    if (known === undefined || weight(card) > weight(known)) latest.set(card.executionId, card);
  }
  return [...latest.values()].reduce((a, b) => (weight(b) < weight(a) ? b : a));
}

function weight({ endedAt, asOf }: Card): number {
  return endedAt ?? LIVE + asOf;
}

/** Above any time: whatever lives outweighs whatever has ended. */
const LIVE = 2 ** 50;

function withoutOldest(state: BoardState): BoardState {
  const surplus = state.removed.size - Limits.removedPerBoard;
  if (surplus <= 0) return state;
  const removed = new Map(state.removed);
  let { floor } = state;
  for (const [executionId, { revision }] of [...state.removed].slice(0, surplus)) {
    removed.delete(executionId);
    floor = Math.max(floor, revision);
  }
  return { ...state, removed, floor };
}
