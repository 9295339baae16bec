import type { KeptTree } from "./kept/path.ts";
import type { Remote } from "./remote.ts";

/** Who commits are by. */
export type GitIdentity = { readonly name: string; readonly email: string };

export type CheckoutPlan = {
  readonly remote: Remote;
  /** Absolute; made by the clone. */
  readonly folder: string;
  /** The branch that is cloned. */
  readonly branch: string;
  /** `resume`: the work branch exists at the remote, `create`: it is to be made off `branch`. */
  readonly work:
    | { readonly kind: "branch-itself" }
    | { readonly kind: "create"; readonly newBranch: string }
    | { readonly kind: "resume"; readonly newBranch: string };
  /** All branches and tags with their whole history. */
  readonly isFull: boolean;
  /** The branch the work is compared with in the end; a kept checkout has it as well. */
  readonly baseBranch?: string | undefined;
  /** The place of a checkout that outlives its job, open; absent or null: `folder` is made by a clone. */
  readonly kept?: KeptTree | null;
  readonly identity: GitIdentity;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};
