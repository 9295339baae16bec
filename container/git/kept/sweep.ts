import { isSuccess } from "../../process/exit.ts";
import type { CheckoutPlan } from "../checkout-plan.ts";
import { type Git, type GitCommand, localGitMs } from "../git.ts";
import { createNulRecords } from "../nul-records.ts";
import type { KeptTree } from "./path.ts";
import { removeNestedRepositories } from "./removal.ts";

export type Sweep = {
  readonly plan: CheckoutPlan;
  readonly tree: KeptTree;
  /** The commit that is to be checked out. */
  readonly start: string;
};

/**
 * Removes of a tree what is neither in the commit nor to be kept, and fills the index, in which files that are as the
 * commit has them are known to be so. False where something could not be removed.
 */
export async function isSwept(git: Git, { plan, tree, start }: Sweep): Promise<boolean> {
  const brief = { cwd: plan.folder, timeoutMs: localGitMs, signal: plan.signal };
  const long = { ...brief, timeoutMs: plan.timeoutMs };
  const can = async (args: readonly string[], command: GitCommand): Promise<boolean> =>
    isSuccess((await git.try(args, command)).exit);
  if (!(await removeNestedRepositories(plan.folder))) return false;
  if (!(await can(["read-tree", start], brief))) return false;
  // what stands in a submodule's place counts as untracked, since no submodule is checked out
  const submodules = await listSubmodules(git, brief);
  if (submodules === null) return false;
  const forget = { ...brief, input: submodules, encoding: "latin1" } as const;
  if (submodules !== "" && !(await can(["update-index", "-z", "--force-remove", "--stdin"], forget))) {
    return false;
  }
  const kept = tree.keep.flatMap((pattern) => ["-e", pattern]);
  if (!(await can(["clean", "-ffdxq", ...kept], long))) return false;
  if (!(await can(["read-tree", start], brief))) return false;
  // it says by its exit that some files are not as they should be, which is what is to be mended
  const refreshed = await git.try(["update-index", "-q", "--refresh"], long);
  return refreshed.exit.kind === "exited";
}

/** Paths of the index, each ended by a NUL, a character for each byte; null where the index cannot be read. */
async function listSubmodules(git: Git, command: GitCommand): Promise<string | null> {
  const paths: string[] = [];
  const write = createNulRecords((entry) => {
    if (entry.startsWith("160000 ")) paths.push(`${entry.slice(entry.indexOf("\t") + 1)}\0`);
  });
  // an index of a few hundred thousand files is longer than what is collected of an output
  const listed = await git.try(["ls-files", "-s", "-z"], { ...command, onStdout: write });
  return isSuccess(listed.exit) ? paths.join("") : null;
}
