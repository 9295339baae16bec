import { type Step, done } from "../process/step.ts";
import type { Git, GitCommand } from "./git.ts";
import type { Remote } from "./remote.ts";

/**
 * The commit a branch of the remote points at; null where there is no branch of exactly this name. Git matches a
 * pattern by the tail of a ref, so what it lists is compared.
 */
export async function readRemoteBranch(
  git: Git,
  options: Pick<GitCommand, "cwd" | "env" | "timeoutMs" | "signal"> & {
    readonly remote: Remote;
    readonly branch: string;
  },
): Promise<Step<string | null>> {
  const { remote, branch, ...command } = options;
  const ref = `refs/heads/${branch}`;
  const listed = await git.run(["ls-remote", "--", remote.url, ref], { ...command, remote });
  return listed.ok ? done(findRef(listed.value, ref)) : listed;
}

/** The object a ref has in the output of `ls-remote`. */
export function findRef(listing: string, ref: string): string | null {
  const lines = listing.split("\n").map((line) => line.split("\t"));
  return lines.find(([, name]) => name === ref)?.[0] ?? null;
}
