import { join } from "node:path";
import { type AgentJob, flowOf } from "../../shared/job-body.ts";
import { openKeptFolders } from "../git/persistent-folders.ts";
import { type KeptTree, type Workspaces, keptTreeOf } from "../git/persistent-path.ts";
import { takeTurn } from "../git/persistent-turns.ts";
import type { JobContext } from "../job-context.ts";

/** Where a job's checkout goes. */
export type CheckoutFolder = {
  /** Absolute. */
  readonly folder: string;
  /** Null: a folder of this job's own, removed with it. */
  readonly kept: KeptTree | null;
};

export type CheckoutFolderOptions = {
  readonly job: AgentJob;
  readonly context: JobContext;
  readonly workspaces: Workspaces;
};

/**
 * Runs a flow with the place of its checkout, which no other job has meanwhile. Waiting for one that has it is no
 * silence of the agent's: it happens before the first step and is bounded by the job's whole duration. A job that is
 * stopped while it waits, and one whose place cannot be used, gets a temporary folder.
 */
export async function withCheckoutFolder<Result>(
  { job, context, workspaces }: CheckoutFolderOptions,
  use: (place: CheckoutFolder) => Promise<Result>,
): Promise<Result> {
  const temporary: CheckoutFolder = { folder: join(context.folder, "checkout"), kept: null };
  if (!isKept(job)) return use(temporary);
  const tree = keptTreeOf(workspaces, job.repo);
  const { note } = context.report;
  const turn = await takeTurn(tree.folder, {
    signal: context.stop,
    onWait: () => note("checkout-busy", `Waits until another job is done with '${tree.folder}'.`),
  });
  if (turn === null) return use(temporary);
  try {
    const problem = await openKeptFolders(tree);
    if (problem === null) return await use({ folder: tree.folder, kept: tree });
    note(
      "checkout-not-kept",
      `The checkout is a temporary one, since HARNESS_WORKSPACE_ROOT cannot be used: ${problem}`,
    );
    return await use(temporary);
  } finally {
    turn.end();
  }
}

/** Flows that rewrite a repository, and a preview that outlives its job, have folders of their own. */
function isKept(job: AgentJob): boolean {
  const flow = flowOf(job);
  return job.persistentCheckout && (flow === "explore" || flow === "coding");
}
