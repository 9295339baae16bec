import type { AgentJob } from "../../shared/job-body.ts";
import type { Agent } from "./agent.ts";
import { claudeCode } from "./claude-code/claude-code.ts";
import { codex } from "./codex/codex.ts";
import { pi } from "./pi/pi.ts";

/** One entry per agent: a fourth one is a file beside these and a line here. */
export const agents: Readonly<Record<AgentJob["agent"]["kind"], Agent>> = {
  pi,
  "claude-code": claudeCode,
  codex,
};

export function agentOf({ agent }: Pick<AgentJob, "agent">): Agent {
  return agents[agent.kind];
}
