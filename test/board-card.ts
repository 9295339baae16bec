import type { Card } from "../shared/board.ts";

/** A card of a job whose agent is at work, as a board keeps it. */
export function makeCardAt(at: number, over: Partial<Card> = {}): Card {
  return {
    executionId: "exec_1",
    jobId: "exec_1-coder",
    round: 1,
    title: "Fix the flaky test",
    labels: {},
    about: null,
    status: "running",
    phase: "agent",
    progress: null,
    signals: { process: at, output: null, tool: null },
    attempt: 1,
    recoveries: 0,
    usage: { containerSeconds: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
    deadline: null,
    attention: null,
    queue: null,
    outcome: null,
    startedAt: at,
    endedAt: null,
    revision: at,
    asOf: at,
    staleAt: at + 150_000,
    ...over,
  };
}
