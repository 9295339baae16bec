/** Everything a bootstrap job works with: the target as it is, and a folder with the reference's files or with none. */

import { join } from "node:path";
import type { CodingJob } from "../../shared/job-body.ts";
import { excludeFromGit, makeCheckout } from "../git/checkout.ts";
import { type Outbox, createOutbox } from "../git/outbox.ts";
import { copyCheckoutIndex } from "../git/outbox-index.ts";
import type { PushTarget } from "../git/push.ts";
import { makeFolderTree } from "../git/reinit.ts";
import { readRemoteBranch } from "../git/remote-branch.ts";
import { toRemote } from "../git/remote.ts";
import { type Step, done, failed } from "../process/step.ts";
import { type Desk, type FlowOptions, handOverCheckout, openDesk } from "./desk.ts";
import { layContextFiles, ownNames } from "./workplace.ts";

export type BootstrapJob = CodingJob & { readonly bootstrap: NonNullable<CodingJob["bootstrap"]> };

export type BootstrapDesk = Desk & {
  readonly outbox: Outbox;
  /** Where the new history goes, and what was there before the agent began. */
  readonly target: PushTarget;
  /** What the agent finds, as a tree of its files and the index that tracks them; null from scratch. */
  readonly reference: { readonly tree: string | null; readonly index: string } | null;
};

type Options = FlowOptions<BootstrapJob>;

/** Asks for the target first: a job for a repository that is not there needs no agent. */
export async function openBootstrapDesk(options: Options): Promise<Step<BootstrapDesk>> {
  const { job, context } = options;
  const opened = await openDesk(options);
  if (!opened.ok) return opened;
  const desk = opened.value;
  const { folders, git } = desk;
  const target = await readTarget(options, desk);
  if (!target.ok) return target;
  // from scratch the agent begins in the empty folder
  const { fromScratch } = job.bootstrap;
  if (!fromScratch) context.report.phase("clone");
  const cloned = fromScratch ? done(null) : await cloneReference(options, desk);
  if (!cloned.ok) return cloned;
  const created = await createOutbox(git, { folder: folders.outbox, worktree: folders.checkout });
  if (!created.ok) return created;
  const outbox = created.value;
  const reference = fromScratch ? done(null) : await readReference(options, outbox);
  if (!reference.ok) return reference;
  await layContextFiles(folders.checkout, job);
  const owner = await handOverCheckout(options, folders);
  return done({ ...desk, outbox: { ...outbox, owner }, target: target.value, reference: reference.value });
}

async function readTarget({ job, context }: Options, { folders, git }: Desk): Promise<Step<PushTarget>> {
  const { cloneUrl, defaultBranch: branch } = job.bootstrap.target;
  const remote = toRemote(cloneUrl, job.ghToken);
  if (remote === null) return failed("git", "'bootstrap.target.cloneUrl' must be an https URL");
  const found = await readRemoteBranch(git, {
    remote,
    branch,
    cwd: folders.harness,
    timeoutMs: context.limits.cloneMs,
    signal: context.stop,
  });
  return found.ok ? done({ remote, branch, startedAt: found.value }) : found;
}

async function cloneReference(
  { job, context, identity }: Options,
  { folders, git, remote }: Desk,
): Promise<Step<null>> {
  const cloned = await makeCheckout(git, {
    remote,
    folder: folders.checkout,
    branch: job.branch,
    work: { kind: "branch-itself" },
    isFull: job.full,
    kept: null,
    baseBranch: job.repo.baseBranch,
    identity,
    timeoutMs: context.limits.cloneMs,
    signal: context.stop,
  });
  if (!cloned.ok) return cloned;
  for (const name of ownNames) await excludeFromGit(join(folders.checkout, ".git"), name);
  return done(null);
}

/** Made as the new tree will be, so that what differs is the agent's doing: line ends, submodules and ignored files too. */
async function readReference(
  { context }: Options,
  outbox: Outbox,
): Promise<Step<BootstrapDesk["reference"]>> {
  const index = join(outbox.folder, "index-reference");
  if (!(await copyCheckoutIndex(outbox, index))) return failed("git", "the clone left no index to read");
  const made = await makeFolderTree(outbox, {
    tracked: index,
    ours: ownNames,
    timeoutMs: context.limits.cloneMs,
    signal: context.stop,
  });
  return made.ok ? done({ tree: made.value.tree, index }) : made;
}
