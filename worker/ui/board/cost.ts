/** What a job cost so far, as far as Holt knows: the time of its containers and the model's tokens. Pure. */

import type { Card } from "../../../shared/board.ts";
import { toCount, toDuration } from "../formats.ts";

export type Cost = {
  readonly short: string;
  /** In words, and with what came from the provider's cache. */
  readonly long: string;
};

/** Null before anything was used. */
export function toCost({
  containerSeconds,
  input,
  cacheRead,
  cacheWrite,
  output,
}: Card["usage"]): Cost | null {
  const all = input + cacheRead + cacheWrite;
  if (containerSeconds === 0 && all + output === 0) return null;
  const time = toDuration(containerSeconds * 1_000);
  if (all + output === 0) return { short: time, long: `${time} of container` };
  const cached = cacheRead === 0 ? "" : ` (${toCount(cacheRead)} of them from the cache)`;
  return {
    short: [time, `${toCount(all)} in`, `${toCount(output)} out`].map(whole).join(" · "),
    long: `${time} of container, ${toCount(all)} tokens in${cached}, ${toCount(output)} tokens out`,
  };
}

/** A line may end between parts, and not within one. */
function whole(part: string): string {
  return part.replaceAll(" ", "\u00A0");
}
