import type { AgentJob } from "../../shared/job-body.ts";
import type { Agent } from "./agent.ts";
import { pi } from "./pi.ts";

/** One entry per agent: a fourth one is a file beside these and a line here. */
const agents: Readonly<Partial<Record<AgentJob["agent"]["kind"], Agent>>> = { pi };

export function agentOf({ agent }: AgentJob): Agent {
  const found = agents[agent.kind];
  if (found === undefined) throw new Error(`no driver for the agent '${agent.kind}'`);
  return found;
}
