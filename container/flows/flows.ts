/** Chooses what carries a job out. */

import { type AgentJob, flowOf } from "../../shared/job-body.ts";
import type { Terminal } from "../../shared/job-result.ts";
import type { GitIdentity } from "../git/checkout.ts";
import type { Flow, JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import type { Environment } from "../process/environment.ts";
import { runCoding } from "./coding.ts";

export type FlowDeps = {
  readonly clock: Clock;
  /** The harness's environment: children get an allow-listed part of it, `HARNESS_GIT_NAME` and `_EMAIL` are read here. */
  readonly env: Environment;
  /** Reaches the hosting API. */
  readonly fetch: typeof fetch;
  /** Whose processes agents and the repository's own code become; null: the harness's own user. */
  readonly user: AgentUser | null;
  /** Whether at this moment nothing of the agents' user is anybody's but the job's. */
  readonly ownsAccount: () => boolean;
};

/** The one entry of the flows; a job whose flow is not built is refused before it comes here. */
export function createFlow(deps: FlowDeps): Flow {
  const identity = gitIdentity(deps.env);
  return async (job, context) => runFlow(job, context, { ...deps, identity });
}

async function runFlow(
  job: AgentJob,
  context: JobContext,
  options: FlowDeps & { readonly identity: GitIdentity },
): Promise<Terminal> {
  if (job.mode === "coding" && flowOf(job) === "coding") return runCoding({ ...options, job, context });
  throw new Error(`no flow carries out a job of mode '${job.mode}' with '${job.agent.kind}'`);
}

function gitIdentity(env: Environment): GitIdentity {
  const read = (name: string, otherwise: string): string => {
    const given = env[name]?.trim() ?? "";
    return given === "" ? otherwise : given;
  };
  return {
    name: read("HARNESS_GIT_NAME", "holt[bot]"),
    email: read("HARNESS_GIT_EMAIL", "holt[bot]@users.noreply.github.com"),
  };
}
