/** The cards of a board as its pages leave them. Pure. */

import type { BoardPage, Card } from "../../../shared/board.ts";

export type Cards = ReadonlyMap<string, Card>;

/** No id holds a line feed. */
export function keyOf({ executionId, jobId }: Pick<Card, "executionId" | "jobId">): string {
  return `${executionId}\n${jobId}`;
}

/** As `docs/protocol.md` says: forget all where the board says so, then the removed, then put in what changed. */
export function takePage(cards: Cards, page: Pick<BoardPage, "reset" | "removed" | "cards">): Cards {
  const removed = new Set(page.removed);
  const kept = page.reset ? [] : [...cards].filter(([, card]) => !removed.has(card.executionId));
  return new Map([...kept, ...page.cards.map((card) => [keyOf(card), card] as const)]);
}

export function isLive({ endedAt }: Pick<Card, "endedAt">): boolean {
  return endedAt === null;
}
