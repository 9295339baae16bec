/** Whether a card may be believed. Pure. */

import type { Card } from "../../../shared/board.ts";

/** How long its execution has been silent where it should have been heard; null while all is well. By the server's clock. */
export function silentMs({ endedAt, staleAt, asOf }: Card, now: number): number | null {
  return endedAt === null && staleAt !== null && staleAt < now ? now - asOf : null;
}
