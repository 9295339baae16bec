/** What of a checkout is read with the rights of the user whose it is, where that is not the harness's own. */

import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessEnd, runProcess } from "../process.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { describeExit, isSuccess } from "../process/exit.ts";
import { gitEnvironment, gitSettings } from "./settings.ts";

/** Made by `admitOwner`. */
export type CheckoutOwner = {
  readonly user: AgentUser;
  /** A folder of the harness's that the owner may pass through. */
  readonly passage: string;
  /** The program that serves a repository of the owner's to the harness's git. */
  readonly server: string;
};

const brief = {
  cwd: "/",
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
  timeoutMs: 60_000,
  killGraceMs: 1_000,
} as const;

/** A home in which nobody has any configuration. */
const noHome = "/nonexistent";

/** Git's environment for a process of an owner's, who cannot enter the harness's home. */
export const ownerEnvironment: Readonly<Record<string, string>> = gitEnvironment(noHome);

/**
 * Writes the server's program into a folder of the harness's alone. Rejects where it cannot start anything as the owner,
 * which is better known before their work than after it.
 */
export async function admitOwner(options: {
  readonly user: AgentUser;
  readonly passage: string;
  readonly harness: string;
}): Promise<CheckoutOwner> {
  const { user, passage, harness } = options;
  const server = join(harness, "serve-checkout");
  await writeFile(server, serverProgram(user), { flag: "wx" });
  await chmod(server, 0o700);
  const [file, ...args] = asOwner(user);
  const { exit, stderrLines } = await runProcess({ file, args: [...args, "true"], ...brief });
  if (isSuccess(exit)) return { user, passage, server };
  const why = [describeExit(exit), ...stderrLines].join("; ");
  throw new Error(`no work can be read as '${user.name}': ${file} ${why}`);
}

/** Has a fetch read a repository with the rights of its owner: no link and no alternate leads beyond them. */
export function servedBy(owner: CheckoutOwner | null): readonly string[] {
  return owner === null ? [] : [`--upload-pack=${quote(owner.server)}`];
}

/** Runs a shell script as the owner, with its arguments in `$1` and following. */
export function runAsOwner(
  { user }: CheckoutOwner,
  script: string,
  args: readonly string[],
): Promise<ProcessEnd> {
  return runProcess({
    file: "/bin/sh",
    args: ["-c", script, "sh", ...args],
    user,
    ...brief,
  });
}

/** Git runs it as root by the shell, with the repository's path as its argument. */
function serverProgram(user: AgentUser): string {
  const variables = Object.entries(ownerEnvironment).map(([name, value]) => `${name}=${value}`);
  const asThem = [...asOwner(user), "env", ...variables];
  // a reader that is quiet for longer has ended
  const words = [...asThem, "git", ...gitSettings, "upload-pack", "--strict", "--timeout=300"];
  return `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`;
}

/** What starts a program, named behind it, with the rights of a user and none that it could win. */
function asOwner({ uid, gid }: AgentUser): readonly [file: string, ...args: string[]] {
  const ids = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
  return ["setpriv", ...ids, "--inh-caps=-all", "--no-new-privs"];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
