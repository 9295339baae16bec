/** Everything an ordinary coding job works with, made before its agent starts. */

import { join } from "node:path";
import type { CodingJob } from "../../shared/job-body.ts";
import { type CheckoutPlan, excludeFromGit, makeCheckout } from "../git/checkout.ts";
import type { Git } from "../git/git.ts";
import { type Outbox, collectTips, createOutbox, isAncestor } from "../git/outbox.ts";
import { readRemoteBranch } from "../git/remote-branch.ts";
import type { Remote } from "../git/remote.ts";
import { type Step, done, failed } from "../process/step.ts";
import { type Desk, type FlowOptions, handOverCheckout, openDesk } from "./desk.ts";
import type { JobFolders } from "./job-folders.ts";
import { type Publisher, createPublisher } from "./publisher.ts";
import { findWorkplace, layContextFiles, ownNames } from "./workplace.ts";

export type CodingDesk = Desk & {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  /** The agent's working directory. */
  readonly workplace: string;
};

/** Probes, clones, lays the context files and opens the outbox. */
export async function openCodingDesk(options: FlowOptions<CodingJob>): Promise<Step<CodingDesk>> {
  const { job, context, clock, identity } = options;
  const desk = await openDesk(options);
  if (!desk.ok) return desk;
  const { folders, git, remote } = desk.value;
  const { cloneMs: timeoutMs } = context.limits;
  const reading = { git, remote, cwd: folders.harness, timeoutMs, signal: context.stop };
  context.report.phase("clone");
  const work = await chooseWork(job, reading);
  if (!work.ok) return work;
  const checkout = await makeCheckout(git, {
    remote,
    folder: folders.checkout,
    branch: job.branch,
    work: work.value,
    isFull: job.full,
    kept: options.place.kept,
    baseBranch: job.repo.baseBranch,
    identity,
    timeoutMs,
    signal: context.stop,
  });
  if (!checkout.ok) return checkout;
  const { clonedCommit, startCommit } = checkout.value;
  const startedAt = await findStart(job, work.value, { ...reading, clonedCommit });
  if (!startedAt.ok) return startedAt;
  const workplace = await findWorkplace(folders.checkout, job);
  if (!workplace.ok) return workplace;
  await layContextFiles(workplace.value, job);
  const outbox = await openOutbox(options, git, folders);
  if (!outbox.ok) return outbox;
  const isPushable = await canPush(outbox.value, { startedAt: startedAt.value, startCommit });
  if (!isPushable) return failed("git", unpushable(job));
  // a branch that is made anew begins where it is made, whatever an earlier attempt began from
  const baseCommit = work.value.kind === "create" ? startCommit : (context.baseCommit ?? startCommit);
  context.report.note("base-commit", baseCommit);
  const target = { remote, branch: job.pushBranch, startedAt: startedAt.value };
  const publisher = createPublisher({
    outbox: outbox.value,
    target,
    baseCommit,
    startCommit,
    context,
    clock,
  });
  return done({ folders, git, remote, outbox: outbox.value, publisher, workplace: workplace.value });
}

type Place = {
  readonly git: Git;
  readonly remote: Remote;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

async function chooseWork({ newBranch }: CodingJob, place: Place): Promise<Step<CheckoutPlan["work"]>> {
  if (newBranch === undefined) return done({ kind: "branch-itself" });
  const { git, ...reading } = place;
  const found = await readRemoteBranch(git, { ...reading, branch: newBranch });
  if (!found.ok) return found;
  return done({ kind: found.value === null ? "create" : "resume", newBranch });
}

/** Where the remote has the branch that is to be pushed. */
async function findStart(
  job: CodingJob,
  work: CheckoutPlan["work"],
  { git, clonedCommit, ...reading }: Place & { readonly clonedCommit: string },
): Promise<Step<string | null>> {
  const checkedOut = work.kind === "branch-itself" ? job.branch : work.newBranch;
  if (job.pushBranch !== checkedOut) return readRemoteBranch(git, { ...reading, branch: job.pushBranch });
  return done(work.kind === "create" ? null : clonedCommit);
}

/** Git pushes on top of what it has; nothing that an agent does brings another branch's commits into the checkout. */
function canPush(
  outbox: Outbox,
  { startedAt, startCommit }: { readonly startedAt: string | null; readonly startCommit: string },
): Promise<boolean> | boolean {
  return startedAt === null || startedAt === startCommit || isAncestor(outbox, startedAt, startCommit);
}

function unpushable({ branch, newBranch = branch, pushBranch }: CodingJob): string {
  return `branch '${pushBranch}' is there already, with commits that '${newBranch}' has not: nothing that is made of '${newBranch}' can be pushed to it`;
}

/**
 * What the checkout begins with is collected at once: later only new commits travel. What is not to be served fails
 * before the agent's work.
 */
async function openOutbox(
  options: FlowOptions<CodingJob>,
  git: Git,
  folders: JobFolders,
): Promise<Step<Outbox>> {
  const created = await createOutbox(git, { folder: folders.outbox, worktree: folders.checkout });
  if (!created.ok) return created;
  for (const gitFolder of [join(folders.checkout, ".git"), folders.outbox]) {
    for (const name of ownNames) await excludeFromGit(gitFolder, name);
  }
  const outbox = { ...created.value, owner: await handOverCheckout(options, folders) };
  const collected = await collectTips(outbox, options.job.pushBranch, options.context.stop);
  return collected.ok ? done(outbox) : collected;
}
