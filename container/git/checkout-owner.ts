/** What of a checkout is read with the rights of the user whose it is, where that is not the harness's own. */

import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessEnd, runProcess } from "../process.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { gitEnvironment, gitSettings } from "./settings.ts";

/** Made by `admitOwner`. */
export type CheckoutOwner = {
  readonly user: AgentUser;
  /** A folder of the harness's that the owner may pass through. */
  readonly passage: string;
  /** The program that serves a repository of the owner's to the harness's git. */
  readonly server: string;
};

/** A home in which nobody has any configuration. */
const noHome = "/nonexistent";

/** Git's environment for a process of an owner's, who cannot enter the harness's home. */
export const ownerEnvironment: Readonly<Record<string, string>> = gitEnvironment(noHome);

/** Writes the server's program into a folder of the harness's alone. */
export async function admitOwner(options: {
  readonly user: AgentUser;
  readonly passage: string;
  readonly harness: string;
}): Promise<CheckoutOwner> {
  const { user, passage, harness } = options;
  const server = join(harness, "serve-checkout");
  await writeFile(server, serverProgram(user), { flag: "wx" });
  await chmod(server, 0o700);
  return { user, passage, server };
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
    cwd: "/",
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
    user,
    timeoutMs: 60_000,
    killGraceMs: 1_000,
  });
}

/** Git runs it as root by the shell, with the repository's path as its argument. */
function serverProgram({ uid, gid }: AgentUser): string {
  const rights = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups", "--inh-caps=-all"];
  const variables = Object.entries(ownerEnvironment).map(([name, value]) => `${name}=${value}`);
  const asThem = ["setpriv", ...rights, "--no-new-privs", "env", ...variables];
  // a reader that is quiet for longer has ended
  const words = [...asThem, "git", ...gitSettings, "upload-pack", "--strict", "--timeout=300"];
  return `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
