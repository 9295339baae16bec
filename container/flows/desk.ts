/** What every flow begins with: folders of the job's own and a git that speaks to the job's remote alone. */

import type { AgentJob } from "../../shared/job-body.ts";
import type { GitIdentity } from "../git/checkout.ts";
import { type CheckoutOwner, admitOwner } from "../git/checkout-owner.ts";
import { type Git, createGit } from "../git/git.ts";
import { type Remote, toRemote } from "../git/remote.ts";
import type { JobContext } from "../job-context.ts";
import type { Clock, Random } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import type { Environment } from "../process/environment.ts";
import { handOver } from "../process/hand-over.ts";
import { type Step, done, failed } from "../process/step.ts";
import type { CheckoutFolder } from "./checkout-folder.ts";
import { type JobFolders, makeJobFolders } from "./job-folders.ts";

/** What a flow is given. */
export type FlowOptions<Job extends AgentJob = AgentJob> = {
  readonly job: Job;
  readonly context: JobContext;
  readonly clock: Clock;
  readonly env: Environment;
  readonly identity: GitIdentity;
  /** Reaches hosting APIs and model endpoints. */
  readonly fetch: typeof fetch;
  /** Where the checkout goes. */
  readonly place: CheckoutFolder;
  /** Whose processes agents and the repository's own code become; null: the harness's own user. */
  readonly user: AgentUser | null;
  readonly random: Random;
  /** Whether at this moment nothing of the agents' user is anybody's but the job's. */
  readonly ownsAccount: () => boolean;
};

export type Desk = {
  readonly folders: JobFolders;
  readonly git: Git;
  readonly remote: Remote;
};

/** Makes the job's folders; nothing is cloned yet. */
export async function openDesk({ job, context, env, user, place }: FlowOptions): Promise<Step<Desk>> {
  const remote = toRemote(job.repo.cloneUrl, job.ghToken);
  if (remote === null) return failed("git", "'repo.cloneUrl' must be an https URL");
  const folders = { ...(await makeJobFolders(context.folder, user)), checkout: place.folder };
  const git = await createGit({
    folder: folders.harness,
    environment: env,
    killGraceMs: context.limits.killGraceMs,
  });
  return done({ folders, git, remote });
}

/**
 * Gives the agent's user their parts of the job's folder and the checkout. It comes once in a job, when the harness has
 * laid all it lays there and before the first process of theirs. Null where agents are the harness's own user.
 */
export async function handOverCheckout(
  { context, env, user }: Pick<FlowOptions, "context" | "env" | "user">,
  folders: JobFolders,
): Promise<CheckoutOwner | null> {
  if (user === null) return null;
  const passedOver = await handOver([folders.home, folders.temporary, folders.checkout], { user, env });
  if (passedOver.length > 0) {
    const first = passedOver.slice(0, 10).join(", ");
    context.report.note(
      "files-not-handed-over",
      `${passedOver.length} files have a second name somewhere and stay the harness's: ${first}`,
    );
  }
  return admitOwner({ user, passage: folders.agent, harness: folders.harness });
}
