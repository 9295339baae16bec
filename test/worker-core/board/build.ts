import type { Card } from "../../../shared/board.ts";
import { T0 } from "../build.ts";

export function makeCard(over: Partial<Card> = {}): Card {
  return {
    executionId: "run_1",
    jobId: "run_1-code",
    round: 1,
    title: "run_1-code",
    labels: {},
    about: null,
    status: "running",
    phase: "agent",
    progress: null,
    signals: { process: T0, output: null, tool: null },
    attempt: 1,
    recoveries: 0,
    usage: { containerSeconds: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
    deadline: null,
    attention: null,
    queue: null,
    outcome: null,
    startedAt: T0,
    endedAt: null,
    revision: T0,
    asOf: T0,
    staleAt: T0 + 150_000,
    ...over,
  };
}
