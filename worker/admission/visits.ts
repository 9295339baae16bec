import type { Tended } from "../execution/rpc.ts";
import { type Line, type Moved, settle, type Totals, without, withPlaces } from "./line.ts";
import { asked, heard, isGivenUp, unanswered } from "./place.ts";

/** What one sweep asks at most, so that it ends within an alarm's time; the next follows at once. */
export const MAX_ASKED = 50;

/** Lapses what has lapsed, and asks the executions that are overdue, the longest first. */
export function sweep(before: Line, now: number): Moved {
  const settled = settle(before, now);
  const kept = [...settled.line.places.values()].filter((place) => !isGivenUp(place, now));
  const due = kept
    .filter((place) => place.checkAt <= now)
    .toSorted((a, b) => a.checkAt - b.checkAt)
    .slice(0, MAX_ASKED);
  if (due.length === 0 && kept.length === settled.line.places.size) return settled;
  const places = new Map(kept.map((place) => [place.executionId, place]));
  for (const place of due) places.set(place.executionId, asked(place, now));
  const asks = due.map(({ executionId, touch: of }) => ({ kind: "tend", executionId, touch: of }) as const);
  return { line: { ...settled.line, places }, effects: [...settled.effects, ...asks] };
}

/** What a question came to; null where it failed. An answer from before the execution's last word moves nothing. */
export function tended(
  before: Line,
  { executionId, touch: of }: { readonly executionId: string; readonly touch: number },
  answer: Tended | null,
  now: number,
): Moved {
  const counted = { ...before, totals: count(before.totals, answer) };
  const place = counted.places.get(executionId);
  if (place === undefined || place.touch !== of) return settle(counted, now);
  if (answer === null) return settle(withPlaces(counted, [unanswered(place, now)]), now);
  if (!answer.live) return settle(without(counted, executionId), now);
  return settle(withPlaces(counted, [heard(place, answer.nextDeadlineAt ?? now, now)]), now);
}

function count(totals: Totals, answer: Tended | null): Totals {
  if (answer === null) return { ...totals, failed: totals.failed + 1 };
  const orphanMs = answer.destroyedMs;
  return {
    ...totals,
    swept: totals.swept + 1,
    ...(orphanMs === null ? {} : { orphans: totals.orphans + 1, orphanMs: totals.orphanMs + orphanMs }),
  };
}
