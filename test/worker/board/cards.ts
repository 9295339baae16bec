import type { Card } from "../../../shared/board.ts";
import { TEST_START } from "../execution/clock.ts";

export function makeCard(over: Partial<Card> = {}): Card {
  const executionId = over.executionId ?? "exec_1";
  return {
    executionId,
    jobId: `${executionId}-coder`,
    round: 1,
    title: "Fix the test",
    labels: { title: "Fix the test" },
    about: null,
    status: "running",
    phase: "agent",
    progress: null,
    signals: { process: TEST_START, output: null, tool: null },
    attempt: 1,
    recoveries: 0,
    usage: { containerSeconds: 1, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
    deadline: null,
    attention: null,
    queue: null,
    outcome: null,
    startedAt: TEST_START,
    endedAt: null,
    revision: 1,
    asOf: TEST_START,
    staleAt: TEST_START + 150_000,
    ...over,
  };
}

export function makeCards(count: number, over: Partial<Card> = {}): readonly Card[] {
  return Array.from({ length: count }, (_, n) => makeCard({ executionId: `exec_${n}`, ...over }));
}
