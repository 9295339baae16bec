import type { Card } from "../../shared/board.ts";

export const T0 = Date.UTC(2099, 0, 1);

export function makeCard(over: Partial<Card> = {}): Card {
  return {
    executionId: "exec_1",
    jobId: "exec_1-coder",
    round: 1,
    title: "Fix the flaky test",
    labels: {},
    about: {
      repository: "acme/shop",
      branch: "holt/flaky",
      agent: "pi",
      model: "gpt-5.5",
      mode: "coding",
    },
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

export function makeOutcome(code: NonNullable<Card["outcome"]>["code"]): NonNullable<Card["outcome"]> {
  return { code, retryable: true, blame: "agent", next: "Read the error." };
}
