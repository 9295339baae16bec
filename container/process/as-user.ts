/** Writing where an agent, or code of a repository, has been: with no more rights than it has itself. */

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { runProcess } from "../process.ts";
import type { AgentUser } from "./agent-user.ts";
import { type Environment, childEnvironment } from "./environment.ts";
import { describeExit, isSuccess } from "./exit.ts";

export type WriteAsUser = {
  /** Absolute; its folder exists. */
  readonly file: string;
  readonly content: string;
  readonly user: AgentUser | null;
  readonly env: Environment;
};

const writeMs = 30_000;

/**
 * Writes a file in a folder that an agent could write before. A link in its place, or above it, would send a write of
 * root's anywhere, so where there is an agent's account a process of that account writes; else a link as the file itself
 * is refused. Rejects where the file cannot be written.
 */
export async function writeAsUser({ file, content, user, env }: WriteAsUser): Promise<void> {
  if (user === null) {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    const handle = await open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
    await handle.writeFile(content).finally(() => handle.close());
    return;
  }
  const { exit, stderrLines } = await runProcess({
    file: "/bin/sh",
    args: ["-c", 'umask 022; exec cat > "$1"', "sh", file],
    cwd: dirname(file),
    env: childEnvironment(env, {}),
    user,
    input: content,
    timeoutMs: writeMs,
    killGraceMs: 1_000,
  });
  if (isSuccess(exit)) return;
  throw new Error(
    `'${file}' could not be written: the write ${[describeExit(exit), ...stderrLines].join("; ")}`,
  );
}
