/** What every kind of stand-up is given and comes to. */

import type { JobInfra } from "../../shared/job-body.ts";
import type { JobFolders } from "../flows/job-folders.ts";
import type { JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import type { Environment } from "../process/environment.ts";

export type StandUpOptions = {
  readonly infra: JobInfra;
  /** The root of the clone, where compose runs. */
  readonly checkout: string;
  /** The service's folder in it, where a frontend is built. */
  readonly workplace: string;
  /** Children get the agent's home and temporary folder; what names a folder of these is the job's. */
  readonly folders: Pick<JobFolders, "agent" | "home" | "temporary">;
  readonly context: JobContext;
  readonly clock: Clock;
  readonly env: Environment;
  readonly user: AgentUser | null;
  /** Whether at this moment nothing of the agents' user is anybody's but the job's. */
  readonly ownsAccount: () => boolean;
  /** Sessions that are the harness's own work: its git. */
  readonly exceptSessions: () => readonly number[];
};

/** How a stand-up of one kind ended; texts are unredacted. */
export type SetupEnd = {
  readonly started: boolean;
  readonly problem: string | null;
  readonly serveUrl: string | null;
  /** Redacted. */
  readonly logs: string;
};
