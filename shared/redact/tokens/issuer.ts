/**
 * A token's beginning and what follows it: prefixes that issuers chose, separated by spaces, and the source of a regular
 * expression. It must not be able to backtrack over a run of characters.
 */
export type Issued = readonly [heads: string, body: string];

export type Issuers = {
  /** Prefixes that occur nowhere else: they count wherever they stand, glued to other text or not. */
  readonly anywhere: readonly Issued[];
  /** Prefixes that occur inside other words: they count at the start of one. */
  readonly atWordStart: readonly Issued[];
};
