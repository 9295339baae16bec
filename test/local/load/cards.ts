/** Cards of a load, each with what varies from a job at work. */
import type { Card } from "../../../shared/board.ts";
import { Outcomes, type OutcomeCode } from "../../../shared/outcomes.ts";
import { makeCardAt } from "../../board-card.ts";

const job = { executionId: "shop_x01", jobId: "shop_x01-coder", title: "Count sixty minutes to the hour" };

export function liveCard(over: Partial<Card> = {}): Card {
  return makeCardAt(1, { ...job, ...over });
}

export function endedCard(code: OutcomeCode, over: Partial<Card> = {}): Card {
  return makeCardAt(1, {
    ...job,
    status: "failed",
    endedAt: 5,
    outcome: { code, ...Outcomes[code] },
    ...over,
  });
}
