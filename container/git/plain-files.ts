import { lstat } from "node:fs/promises";
import { runProcess } from "../process.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { type Environment, childEnvironment } from "../process/environment.ts";
import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";

export type PlainFiles = {
  readonly folder: string;
  /** Who owns what an agent made; that user's rights are enough. */
  readonly user: AgentUser | null;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly killGraceMs: number;
  readonly signal: AbortSignal;
};

/**
 * Takes every repository out of a folder, so that nothing but files is left: a generator's `git init` in a folder of its
 * own would hide all of that folder from git. What the owner has locked is opened. No link is followed.
 */
export async function makePlainFiles({ folder, user, env, ...bounds }: PlainFiles): Promise<Step<null>> {
  const found = await lstat(folder).catch(() => null);
  if (found?.isDirectory() !== true) return failed("git", "the agent's folder is gone or has been replaced");
  for (const args of [
    ["-type", "d", "!", "-perm", "-0700", "-exec", "chmod", "u+rwx", "{}", ";"],
    ["-name", ".git", "-prune", "-exec", "rm", "-rf", "--", "{}", "+"],
    ["-type", "f", "!", "-perm", "-0400", "-exec", "chmod", "u+r", "{}", "+"],
  ]) {
    const end = await runProcess({
      file: "find",
      args: [".", ...args],
      cwd: folder,
      env: childEnvironment(env, {}),
      user,
      ...bounds,
    });
    // what belongs to another user cannot be opened, and is told by git when it cannot be read
    if (!isSuccess(end.exit) && end.exit.kind !== "exited") {
      return failed("git", `the agent's files could not be looked through: ${end.stderrLines.join("; ")}`);
    }
  }
  return done(null);
}
