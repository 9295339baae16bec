/** Everything a conflict-resolution job works with: the clone, the merge in it, and what the merge stopped at. */

import { join } from "node:path";
import type { CodingJob } from "../../shared/job-body.ts";
import { excludeFromGit, makeCheckout } from "../git/checkout.ts";
import { localGitMs } from "../git/git.ts";
import { type ConflictDiff, readConflictDiff } from "../git/merging/conflict-diff.ts";
import { type OpenMerge, readConflicts } from "../git/merging/conflicts.ts";
import { type Merge, baseRef, mergeBase } from "../git/merging/merge.ts";
import { type Outbox, collectRef, collectTips, createOutbox } from "../git/outbox.ts";
import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { maxDiffChars } from "./conflict-prompt.ts";
import { type Desk, type FlowOptions, handOverCheckout, openDesk } from "./desk.ts";
import { type Publisher, createPublisher } from "./publisher.ts";
import { layContextFiles, ownNames } from "./workplace.ts";

export type ConflictDesk = Desk &
  (
    | { readonly kind: "up-to-date"; readonly isPushedEarlier: boolean }
    | { readonly kind: "merged"; readonly publisher: Publisher; readonly commit: string }
    | {
        readonly kind: "conflicts";
        readonly publisher: Publisher;
        readonly outbox: Outbox;
        readonly merge: OpenMerge;
        readonly diff: ConflictDiff;
      }
  );

export type ConflictJob = CodingJob & { readonly mergeBase: string };

type Options = FlowOptions<ConflictJob>;

/** Clones with the whole history and merges. Context files are laid where an agent is to come. */
export async function openConflictDesk(options: Options): Promise<Step<ConflictDesk>> {
  const { job, context, identity } = options;
  const opened = await openDesk(options);
  if (!opened.ok) return opened;
  const desk = opened.value;
  const { folders, git, remote } = desk;
  const bounds = { timeoutMs: context.limits.cloneMs, signal: context.stop };
  context.report.phase("clone");
  const checkout = await makeCheckout(git, {
    remote,
    folder: folders.checkout,
    branch: job.branch,
    work: { kind: "branch-itself" },
    isFull: true,
    kept: null,
    baseBranch: job.repo.baseBranch,
    identity,
    ...bounds,
  });
  if (!checkout.ok) return checkout;
  const baseCommit = context.baseCommit ?? checkout.value.clonedCommit;
  context.report.note("base-commit", baseCommit);
  const plan = { folder: folders.checkout, branch: job.branch, base: job.mergeBase, ...bounds };
  const merged = await mergeBase(git, plan);
  if (!merged.ok) return merged;
  if (merged.value.kind === "up-to-date") {
    const isPushedEarlier = await isMergedSince(desk, merged.value, baseCommit);
    return done({ ...desk, kind: "up-to-date", isPushedEarlier });
  }
  return openMerge(options, desk, merged.value, baseCommit);
}

/**
 * Whether the branch got its base after the first attempt began, as it does by a merge that an earlier attempt pushed. Of a
 * beginning that the branch has not any more nothing is known.
 */
async function isMergedSince(
  { git, folders }: Desk,
  { baseHead }: Merge,
  baseCommit: string,
): Promise<boolean> {
  const listed = await git.try(["rev-list", "--max-count=1", baseHead, `^${baseCommit}`], {
    cwd: folders.checkout,
    timeoutMs: localGitMs,
  });
  return isSuccess(listed.exit) && listed.stdout.trim() !== "";
}

async function openMerge(
  options: Options,
  desk: Desk,
  merge: Merge,
  baseCommit: string,
): Promise<Step<ConflictDesk>> {
  const { job, context, clock } = options;
  const { folders, git, remote } = desk;
  const created = await createOutbox(git, { folder: folders.outbox, worktree: folders.checkout });
  if (!created.ok) return created;
  const outbox = created.value;
  const target = { remote, branch: job.branch, startedAt: merge.branchHead };
  const publisher = createPublisher({
    outbox,
    target,
    baseCommit,
    startCommit: merge.branchHead,
    context,
    clock,
  });
  const collected = await collectTips(outbox, job.branch, context.stop);
  if (!collected.ok) return collected;
  if (merge.kind === "merged") {
    return done({ ...desk, kind: "merged", publisher, commit: collected.value.head ?? "" });
  }
  const base = await collectRef(outbox, baseRef({ base: job.mergeBase }), context.stop);
  if (!base.ok) return base;
  const conflicts = await readConflicts(outbox, merge);
  if (!conflicts.ok) return conflicts;
  const diff = await readConflictDiff(git, {
    folder: folders.checkout,
    maxChars: maxDiffChars,
    signal: context.stop,
  });
  if (!diff.ok) return diff;
  for (const gitFolder of [join(folders.checkout, ".git"), folders.outbox]) {
    for (const name of ownNames) await excludeFromGit(gitFolder, name);
  }
  await layContextFiles(folders.checkout, job);
  const owner = await handOverCheckout(options, folders);
  return done({
    ...desk,
    kind: "conflicts",
    publisher,
    outbox: { ...outbox, owner },
    merge: conflicts.value,
    diff: diff.value,
  });
}
