/** Whether a card may be believed. Pure. */

import type { Card } from "../../../shared/board.ts";

/**
 * From when on a card is to be doubted, since its execution was not heard where it should have been; null for one that has
 * ended. By the server's clock.
 */
export function doubtfulAt({ endedAt, staleAt }: Pick<Card, "endedAt" | "staleAt">): number | null {
  return endedAt === null ? staleAt : null;
}
