/** Everything that is recorded, by agent. */
import type { AgentUnderTest } from "./agents-under-test.ts";
import type { Script } from "./scenario.ts";
import {
  alwaysTruncated,
  delegate,
  fixFailingTest,
  meetToolFailures,
  refuse,
  truncatedOnce,
} from "./scripts.ts";

export type RecordingPlan = {
  readonly scenario: string;
  readonly script: Script;
  /** Absent: every agent. */
  readonly only?: AgentUnderTest["kind"];
  /** In place of the agent's usual one. */
  readonly model?: string;
};

export const recordings: readonly RecordingPlan[] = [
  { scenario: "fix-failing-test", script: fixFailingTest },
  { scenario: "tool-failure", script: meetToolFailures },
  { scenario: "model-error-400", script: refuse(400, "invalid_request_error", "the request makes no sense") },
  { scenario: "model-error-401", script: refuse(401, "authentication_error", "the token is not valid") },
  { scenario: "model-error-402", script: refuse(402, "billing_error", "budget exhausted") },
  {
    scenario: "model-error-429",
    script: refuse(429, "insufficient_quota", "you exceeded your current quota"),
    only: "codex",
  },
  { scenario: "overloaded", script: refuse(503, "overloaded_error", "overloaded") },
  { scenario: "truncated", script: alwaysTruncated },
  { scenario: "truncated-once", script: truncatedOnce, only: "claude-code" },
  { scenario: "sub-agent", script: delegate, only: "claude-code" },
  // by this name Codex gives its tools to the model as functions of one program
  { scenario: "code-mode", script: fixFailingTest, only: "codex", model: "gpt-6.1-sol" },
];
