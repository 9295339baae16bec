/** How soon a step that the model has told stands on the page: agent, harness, beat, execution, board, poll and drawing. */

import { type Row, median, told } from "../pieces/table.ts";
import type { Seen } from "./open-board.ts";
import type { Step } from "./steady-work.ts";

/** Steps of before the page was open are not counted; one that a later step has overtaken was never shown. */
export function compareSteps(steps: readonly Step[], seen: Seen, openedAt: number): readonly Row[] {
  const taken = steps
    .filter(({ at }) => at > openedAt)
    .flatMap(({ done, total, at }) => {
      const shownAt = seen.steps[`${done}/${total}`];
      return shownAt === undefined ? [] : [shownAt - at];
    });
  return [
    told("steps of agents that were seen", taken.length, ""),
    told("from the model to the page, median", median(taken), " ms"),
    told("the slowest", Math.max(...taken), " ms"),
  ];
}
