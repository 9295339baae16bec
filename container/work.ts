/** The harness with its flows, put together from what the machine has: all that is read when the first request comes. */

import { hostname, tmpdir } from "node:os";
import type { Config } from "./config.ts";
import { createFlow } from "./flows/flows.ts";
import { type Harness, createHarness } from "./harness.ts";
import type { Flow } from "./job-context.ts";
import type { AgentUser } from "./process/agent-user.ts";
import { printError, printLine, systemClock, systemRandom } from "./system.ts";

export type WorkOptions = {
  readonly config: Config;
  readonly boot: string;
  /** Whose processes agents and the repository's own code become; null: the harness's own user. */
  readonly user: AgentUser | null;
  /** Whether nothing of the harness's own user is anybody's but the harness's. */
  readonly isAccountOurs: boolean;
};

export function createWork({ config, boot, user, isAccountOurs }: WorkOptions): Harness {
  let jobsAtWork = 0;
  // a flow that did not end when it was asked to may end beside the next job, whose processes are not its own
  const ownsAccount = (): boolean =>
    (user !== null || isAccountOurs) && jobsAtWork === 1 && !harness.isKeeping();
  const workspaces = { root: config.workspaceRoot, keep: config.cleanKeep };
  const carryOut = createFlow({
    clock: systemClock,
    env: process.env,
    fetch,
    random: systemRandom,
    workspaces,
    user,
    ownsAccount,
  });
  const flow: Flow = async (job, context) => {
    jobsAtWork += 1;
    try {
      return await carryOut(job, context);
    } finally {
      jobsAtWork -= 1;
    }
  };
  const harness = createHarness({
    config,
    boot,
    flow,
    clock: systemClock,
    random: systemRandom,
    fetch: (url, init) => fetch(url, init),
    writeLog: (line, level) => (level === "warn" || level === "error" ? printError(line) : printLine(line)),
    tmpDir: tmpdir(),
    self: { pid: process.pid, host: hostname() },
    user,
    exit: (code) => process.exit(code),
  });
  return harness;
}
