import type { Card } from "../../../shared/board.ts";
import { makeCardAt } from "../../board-card.ts";
import { T0 } from "../build.ts";

export function makeCard(over: Partial<Card> = {}): Card {
  return makeCardAt(T0, { executionId: "run_1", jobId: "run_1-code", title: "run_1-code", ...over });
}
