/** Everything an ordinary coding job works with, made before its agent starts. */

import { join } from "node:path";
import type { CodingJob } from "../../shared/job-body.ts";
import { excludeFromGit, makeCheckout } from "../git/checkout.ts";
import type { Git } from "../git/git.ts";
import { type Outbox, collectTips, createOutbox } from "../git/outbox.ts";
import { type Step, done, failed } from "../process/step.ts";
import { canPush, chooseStart, findBase, findStart } from "./coding-start.ts";
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
  const start = await chooseStart(job, { ...reading, isLater: context.baseCommit !== null });
  if (!start.ok) return start;
  const checkout = await makeCheckout(git, {
    remote,
    folder: folders.checkout,
    ...start.value,
    isFull: job.full,
    kept: options.place.kept,
    baseBranch: job.repo.baseBranch,
    identity,
    timeoutMs,
    signal: context.stop,
  });
  if (!checkout.ok) return checkout;
  const { clonedCommit, startCommit } = checkout.value;
  const startedAt = await findStart(job, start.value, { ...reading, clonedCommit });
  if (!startedAt.ok) return startedAt;
  const workplace = await findWorkplace(folders.checkout, job);
  if (!workplace.ok) return workplace;
  await layContextFiles(workplace.value, job);
  const outbox = await openOutbox(options, git, folders);
  if (!outbox.ok) return outbox;
  const commits = { startedAt: startedAt.value, startCommit };
  if (!(await canPush(outbox.value, commits))) return failed("git", unpushable(job));
  const baseCommit = await findBase(outbox.value, commits, context.baseCommit);
  // as the remote has it: a merge of the base that is never pushed is in no history that a later attempt gets
  context.report.note("base-commit", context.baseCommit ?? clonedCommit);
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
