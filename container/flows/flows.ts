/** Chooses what carries a job out. */

import { type AgentJob, flowOf } from "../../shared/job-body.ts";
import type { Terminal } from "../../shared/job-result.ts";
import type { GitIdentity } from "../git/checkout.ts";
import type { Workspaces } from "../git/kept/path.ts";
import type { Flow } from "../job-context.ts";
import type { Clock, Random } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import type { Environment } from "../process/environment.ts";
import { withCheckoutFolder } from "./checkout-folder.ts";
import { runBootstrap } from "./bootstrap.ts";
import { runCoding } from "./coding.ts";
import { runConflict } from "./conflict.ts";
import type { FlowOptions } from "./desk.ts";
import { runExplore } from "./explore.ts";
import { runPreview } from "./preview.ts";

export type FlowDeps = {
  readonly clock: Clock;
  /** The harness's environment: children get an allow-listed part of it, `HARNESS_GIT_NAME` and `_EMAIL` are read here. */
  readonly env: Environment;
  /** Reaches the hosting API. */
  readonly fetch: typeof fetch;
  /** Whose processes agents and the repository's own code become; null: the harness's own user. */
  readonly user: AgentUser | null;
  readonly random: Random;
  /** Where checkouts stand that outlive their job. */
  readonly workspaces: Workspaces;
  /** Whether at this moment nothing of the agents' user is anybody's but the job's. */
  readonly ownsAccount: () => boolean;
};

/** The one entry of the flows. */
export function createFlow({ workspaces, ...deps }: FlowDeps): Flow {
  const identity = gitIdentity(deps.env);
  return (job, context) =>
    withCheckoutFolder({ job, context, workspaces, ...deps }, (place) =>
      runFlow(job, { ...deps, context, identity, place }),
    );
}

async function runFlow(job: AgentJob, options: Omit<FlowOptions, "job">): Promise<Terminal> {
  if (job.mode === "explore") return runExplore({ ...options, job });
  if (job.mode === "preview") return runPreview({ ...options, job });
  const flow = flowOf(job);
  if (flow === "bootstrap") return runBootstrap({ ...options, job });
  return flow === "conflict" ? runConflict({ ...options, job }) : runCoding({ ...options, job });
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
