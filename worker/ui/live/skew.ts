/** How far the server's clock is ahead of this one, as its answers tell. Pure. */

export type Skew = {
  readonly ms: number;
  /** By how much that may be wrong: an answer takes half of its round trip to come, or any other part of it. */
  readonly withinMs: number;
};

/** @param asOf by the server's clock; the others by this one */
export function toSkew(
  before: Skew | null,
  {
    sentAt,
    asOf,
    receivedAt,
  }: { readonly sentAt: number; readonly asOf: number; readonly receivedAt: number },
): Skew {
  const seen = { ms: Math.round(asOf - (sentAt + receivedAt) / 2), withinMs: (receivedAt - sentAt) / 2 };
  if (before === null) return seen;
  const apart = Math.abs(seen.ms - before.ms);
  // One of the clocks was set.
  if (apart > before.withinMs + seen.withinMs + SLACK_MS) return seen;
  // Nobody sees less of a difference, and it would draw every card again.
  return seen.withinMs < before.withinMs && apart > SLACK_MS ? seen : before;
}

const SLACK_MS = 100;
