/** Cards of a load, each with what varies from a job at work. */
import type { Card } from "../../../shared/board.ts";
import { Outcomes, type OutcomeCode } from "../../../shared/outcomes.ts";

/** A job at work, with what varies from it. */
function makeCard(over: Partial<Card>): Card {
  return {
    executionId: "shop_x01",
    jobId: "shop_x01-coder",
    round: 1,
    title: "Count sixty minutes to the hour",
    labels: {},
    about: null,
    status: "running",
    phase: "agent",
    progress: null,
    signals: { process: 1, output: null, tool: null },
    attempt: 1,
    recoveries: 0,
    usage: { containerSeconds: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
    deadline: null,
    attention: null,
    queue: null,
    outcome: null,
    startedAt: 1,
    endedAt: null,
    revision: 1,
    asOf: 1,
    staleAt: 150_001,
    ...over,
  };
}

export function liveCard(over: Partial<Card> = {}): Card {
  return makeCard({ status: "running", phase: "agent", endedAt: null, outcome: null, ...over });
}

export function endedCard(code: OutcomeCode, over: Partial<Card> = {}): Card {
  return makeCard({ status: "failed", endedAt: 5, outcome: { code, ...Outcomes[code] }, ...over });
}
