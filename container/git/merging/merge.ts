/** Merges one branch of the remote into the checked out one, before anything untrusted has run in the checkout. */

import { isSuccess } from "../../process/exit.ts";
import { type Step, done, failed } from "../../process/step.ts";
import { type Git, type GitCommand, gitFailure, localGitMs } from "../git.ts";

export type MergePlan = {
  /** A checkout with the whole history of both branches. */
  readonly folder: string;
  readonly branch: string;
  readonly base: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** The commits that were merged, by what came of it. */
export type Merge = { readonly branchHead: string; readonly baseHead: string } & (
  | { readonly kind: "up-to-date" }
  | { readonly kind: "merged" }
  /** The merge stands in the checkout, half done. */
  | { readonly kind: "conflicts" }
);

export function mergeMessage({ base, branch }: Pick<MergePlan, "base" | "branch">): string {
  return `Merge ${base} into ${branch}`;
}

/** Where the clone has the base. */
export function baseRef({ base }: Pick<MergePlan, "base">): string {
  return `refs/remotes/origin/${base}`;
}

/** No hook runs, and no merge driver: a repository can name one in its attributes, but only its config can define it. */
export async function mergeBase(git: Git, plan: MergePlan): Promise<Step<Merge>> {
  const inside: GitCommand = { cwd: plan.folder, timeoutMs: localGitMs, signal: plan.signal };
  const head = await git.run(["rev-parse", "--verify", "HEAD^{commit}"], inside);
  if (!head.ok) return head;
  const ref = baseRef(plan);
  const base = await git.try(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], inside);
  if (base.exit.kind === "exited" && base.exit.code === 1) {
    return failed("git", `the base branch '${plan.base}' is not at the remote`);
  }
  if (!isSuccess(base.exit)) return gitFailure(["rev-parse", ref], base);
  const commits = { branchHead: head.value.trim(), baseHead: base.stdout.trim() };
  const contained = await git.try(["merge-base", "--is-ancestor", commits.baseHead, "HEAD"], inside);
  if (isSuccess(contained.exit)) return done({ kind: "up-to-date", ...commits });
  const args = ["merge", "--quiet", "-m", mergeMessage(plan), ref];
  const merged = await git.try(args, { ...inside, timeoutMs: plan.timeoutMs });
  if (isSuccess(merged.exit)) return done({ kind: "merged", ...commits });
  const listing = ["ls-files", "-z", "--unmerged"];
  let hasConflicts = false;
  const listed = await git.try(listing, { ...inside, onStdout: () => (hasConflicts = true) });
  if (!isSuccess(listed.exit)) return gitFailure(listing, listed);
  // what stops a merge before it begins, histories without a common commit for example, is no conflict
  return hasConflicts ? done({ kind: "conflicts", ...commits }) : gitFailure(args, merged);
}
