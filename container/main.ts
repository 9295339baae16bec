/** The harness as a program: listens and answers probes first; the rest is read when somebody asks for it. */

import { setFlagsFromString } from "node:v8";
import { readConfig } from "./config.ts";
import { listenAtFrontDoor } from "./front-door.ts";
import type { Harness } from "./harness.ts";
import { ownsAccount, readAccounts } from "./process/account.ts";
import { resolveAgentUser } from "./process/agent-user.ts";
import { ExitCodes } from "./shutdown.ts";
import { printError, printLine, systemClock, systemRandom } from "./system.ts";

// What passes through is forgotten at once, and the memory is better the agent's: garbage is collected early.
setFlagsFromString("--optimize-for-size");

function fail(code: number, error: unknown): never {
  printError(`executor-harness: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(code);
}

const read = readConfig(process.env);
if (!read.ok) fail(ExitCodes.config, read.error);
const { config } = read;

/** Held in memory alone: whoever is handed this environment gets no secret with it. */
delete process.env["HARNESS_SHARED_SECRET"];

const resolved = resolveAgentUser(config.agentUserName, await readAccounts());
if (resolved.kind === "refused") fail(ExitCodes.config, resolved.error);
if (config.instance === null && config.sharedSecret === null) {
  const who = "everything on this machine, agents included, may dispatch, read and stop jobs";
  printError(`executor-harness: HARNESS_SHARED_SECRET is not set: ${who}`);
}
if (resolved.kind === "powerless") printError(`executor-harness: ${resolved.text}`);
const user = resolved.kind === "user" ? resolved.user : null;

/** Asked before there is an agent. */
const isAccountOurs = await ownsAccount(config.instance);
const boot = systemRandom.id();

let work: Promise<Harness> | null = null;
const readWork = (): Promise<Harness> => {
  work ??= import("./work.ts").then(
    ({ createWork }) => createWork({ config, boot, user, isAccountOurs }),
    (error: unknown) => fail(ExitCodes.defect, error),
  );
  return work;
};

const onDefect = async (defect: unknown): Promise<void> => {
  if (work === null) fail(ExitCodes.defect, defect);
  await (await work).shutdown.onDefect(defect);
};
process.on("SIGTERM", async () => (await readWork()).shutdown.onSignal("SIGTERM"));
process.on("SIGINT", async () => (await readWork()).shutdown.onSignal("SIGINT"));
process.on("uncaughtException", onDefect);
process.on("unhandledRejection", onDefect);
// Whoever read the log has gone; the work has not.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

try {
  const { port } = await listenAtFrontDoor({ boot, config, open: async () => (await readWork()).handle });
  printLine(`executor-harness listening on :${port}`);
} catch (error) {
  fail(ExitCodes.config, error);
}

if (config.instance !== null) {
  await systemClock.sleep(config.firstJobMs);
  (await readWork()).shutdown.exitUnlessUsed();
}
