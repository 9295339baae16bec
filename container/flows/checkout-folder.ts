import { join } from "node:path";
import { type AgentJob, flowOf } from "../../shared/job-body.ts";
import { openKeptFolders } from "../git/kept/folders.ts";
import { type KeptTree, type Workspaces, keptTreeOf } from "../git/kept/path.ts";
import { takeTurn } from "../git/kept/turns.ts";
import type { JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { killLeftOver } from "../process/left-over.ts";

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
  readonly clock: Clock;
  /** Whose processes have worked in kept checkouts; null: the harness's own user's. */
  readonly user: AgentUser | null;
  /** Whether at this moment nothing of that user is anybody's but the job's. */
  readonly ownsAccount: () => boolean;
};

/**
 * Runs a flow with the place of its checkout, which no other job has meanwhile. Waiting for one that has it is no
 * silence of the agent's: it happens before the first step and is bounded by the job's whole duration. A job that is
 * stopped while it waits, and one whose place cannot be used, gets a temporary folder.
 */
export async function withCheckoutFolder<Result>(
  options: CheckoutFolderOptions,
  use: (place: CheckoutFolder) => Promise<Result>,
): Promise<Result> {
  const { job, context, workspaces } = options;
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
    const unusable = await openKeptFolders(tree);
    const problem =
      unusable === null
        ? await findCompany(options, tree)
        : `HARNESS_WORKSPACE_ROOT cannot be used: ${unusable}`;
    if (problem === null) return await use({ folder: tree.folder, kept: tree });
    note("checkout-not-kept", `The checkout is a temporary one, since ${problem}`);
    return await use(temporary);
  } finally {
    turn.end();
  }
}

/**
 * Why somebody else may be in the tree, for people; null when nobody is. The tree is closed, but who holds a folder of it
 * open is in, and could send root anywhere that works by paths below it. So all of the agents' user is ended first, which
 * may be done while no other job is at work.
 */
async function findCompany(
  { clock, user, ownsAccount }: CheckoutFolderOptions,
  tree: KeptTree,
): Promise<string | null> {
  if (user === null) return null;
  const marks = { folders: [tree.folder], sessions: [], exceptSessions: () => [], user, ownsAccount };
  const survivors = ownsAccount() ? (await killLeftOver(marks, clock)).survivors : [];
  if (survivors.length > 0) {
    return `processes of '${user.name}' that may hold the kept one open could not be ended`;
  }
  return ownsAccount()
    ? null
    : `'${user.name}' is at work for another job as well, and might hold the kept one open`;
}

/** Flows that rewrite a repository, and a preview that outlives its job, have folders of their own. */
function isKept(job: AgentJob): boolean {
  const flow = flowOf(job);
  return job.persistentCheckout && (flow === "explore" || flow === "coding");
}
