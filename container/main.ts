/** The harness as a program: listens first, so that a probe is answered while the flow's modules are still being read. */

import { tmpdir } from "node:os";
import { readConfig } from "./config.ts";
import { createHarness } from "./harness.ts";
import type { Flow } from "./job-context.ts";
import { ExitCodes } from "./shutdown.ts";
import { ownsAccount, readAccounts } from "./process/account.ts";
import { resolveAgentUser } from "./process/agent-user.ts";
import { printError, printLine, systemClock, systemRandom } from "./system.ts";

const read = readConfig(process.env);
if (!read.ok) {
  printError(`executor-harness: ${read.error}`);
  process.exit(ExitCodes.config);
}

/** Held in memory alone: whoever is handed this environment gets no secret with it. */
delete process.env["HARNESS_SHARED_SECRET"];

const resolved = resolveAgentUser(read.config.agentUserName, await readAccounts());
if (resolved.kind === "refused") {
  printError(`executor-harness: ${resolved.error}`);
  process.exit(ExitCodes.config);
}
if (resolved.kind === "powerless") printError(`executor-harness: ${resolved.text}`);
const user = resolved.kind === "user" ? resolved.user : null;

/** Asked before there is an agent. */
const isAccountOurs = await ownsAccount(read.config.instance);
let jobsAtWork = 0;

const flow: Flow = async (job, context) => {
  jobsAtWork += 1;
  try {
    const { createFlow } = await readFlows();
    // a flow that did not end when it was asked to may end beside the next job, whose processes are not its own
    const ownsAll = (): boolean =>
      (user !== null || isAccountOurs) && jobsAtWork === 1 && !harness.isKeeping();
    return await createFlow({
      clock: systemClock,
      env: process.env,
      fetch,
      random: systemRandom,
      workspaces: { root: read.config.workspaceRoot, keep: read.config.cleanKeep },
      user,
      ownsAccount: ownsAll,
    })(job, context);
  } finally {
    jobsAtWork -= 1;
  }
};

/** Modules are read once; the first job finds them there already. */
const readFlows = () => import("./flows/flows.ts");

const harness = createHarness({
  config: read.config,
  flow,
  clock: systemClock,
  random: systemRandom,
  fetch: (url, init) => fetch(url, init),
  writeLog: (line, level) => (level === "warn" || level === "error" ? printError(line) : printLine(line)),
  tmpDir: tmpdir(),
  exit: (code) => process.exit(code),
});

process.on("SIGTERM", () => void harness.shutdown.onSignal("SIGTERM"));
process.on("SIGINT", () => void harness.shutdown.onSignal("SIGINT"));
process.on("uncaughtException", (error) => void harness.shutdown.onDefect(error));
process.on("unhandledRejection", (error) => void harness.shutdown.onDefect(error));
// Whoever read the log has gone; the work has not.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

try {
  const port = await harness.listen();
  printLine(`executor-harness listening on :${port}`);
} catch (error) {
  printError(`executor-harness: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(ExitCodes.config);
}

await readFlows();
