import type { Card } from "../../../shared/board.ts";
import { plain } from "../formats.ts";

/** Why it did not end well, whose doing that was, and what to do about it. */
export function Ending({ outcome }: { readonly outcome: NonNullable<Card["outcome"]> }) {
  return (
    <p class="ending">
      <span class="mono">{outcome.code}</span> <span class="quiet">({outcome.blame})</span>
      <span class="ending-next">{plain(outcome.next, 200)}</span>
    </p>
  );
}
