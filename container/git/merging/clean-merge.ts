/** Brings the base into a resumed branch where it merges by itself, before anything untrusted has run in the checkout. */

import { type Step, done } from "../../process/step.ts";
import type { CheckoutPlan } from "../checkout-plan.ts";
import type { Git } from "../git.ts";
import { mergeMessage } from "./merge.ts";

export type CleanMergePlan = Pick<CheckoutPlan, "folder" | "remote" | "timeoutMs" | "signal"> & {
  /** The branch of the remote that is merged. */
  readonly base: string;
  /** The branch that is checked out, and its commit. */
  readonly branch: string;
  readonly head: string;
};

/**
 * The commit that is checked out afterwards. A base that does not merge by itself is left to the agent, as is one that
 * cannot be fetched. The merge is made beside the checkout's files: git that is ended while it writes them leaves some of
 * each side and no word of it, which would pass for the agent's edits, so that fails.
 */
export async function mergeBaseIfClean(git: Git, plan: CleanMergePlan): Promise<Step<string>> {
  const merged = await makeMerge(git, plan);
  if (!merged.ok || merged.value === plan.head) return done(plan.head);
  const written = await git.run(["reset", "-q", "--hard", merged.value], inside(plan));
  return written.ok ? merged : written;
}

async function makeMerge(git: Git, plan: CleanMergePlan): Promise<Step<string>> {
  const { remote, branch, base, head } = plan;
  const run = async (...args: readonly string[]): Promise<Step<string>> => {
    const ran = await git.run(args, inside(plan));
    return ran.ok ? done(ran.value.trim()) : ran;
  };
  const fetching = ["fetch", "--no-tags", "--", remote.url, `refs/heads/${base}`];
  const fetched = await git.run(fetching, { ...inside(plan), remote });
  if (!fetched.ok) return fetched;
  const baseHead = await run("rev-parse", "--verify", "FETCH_HEAD^{commit}");
  if (!baseHead.ok) return baseHead;
  const common = await run("merge-base", head, baseHead.value);
  if (!common.ok) return common;
  if (common.value === baseHead.value) return done(head);
  if (common.value === head) return baseHead;
  const tree = await run("merge-tree", "--write-tree", head, baseHead.value);
  if (!tree.ok) return tree;
  const parents = ["-p", head, "-p", baseHead.value];
  return run("commit-tree", tree.value, ...parents, "-m", mergeMessage({ base, branch }));
}

function inside({ folder, timeoutMs, signal }: CleanMergePlan) {
  return { cwd: folder, timeoutMs, signal };
}
