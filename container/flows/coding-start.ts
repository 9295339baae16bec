/** Where a coding job begins: the branch that is checked out, and the commit beyond which there is work. */

import type { CodingJob } from "../../shared/job-body.ts";
import type { CheckoutPlan } from "../git/checkout.ts";
import { hasEarlierWork } from "../git/earlier-work.ts";
import type { Git } from "../git/git.ts";
import { type Outbox, isAncestor } from "../git/outbox.ts";
import { readRemoteBranch } from "../git/remote-branch.ts";
import type { Remote } from "../git/remote.ts";
import { type Step, done } from "../process/step.ts";

/** What is checked out; the branch is cloned, or merged into one that is resumed. */
export type Start = Pick<CheckoutPlan, "branch" | "work">;

export type Place = {
  readonly git: Git;
  readonly remote: Remote;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type StartCommits = {
  /** Where the remote has the branch that is to be pushed. */
  readonly startedAt: string | null;
  /** What the agent begins with. */
  readonly startCommit: string;
};

/**
 * A later attempt resumes the branch that an earlier one pushed, also where the job's branch is another: what is made of
 * that one alone cannot be pushed on top of the work.
 */
export async function chooseStart(
  job: CodingJob,
  { isLater, ...place }: Place & { readonly isLater: boolean },
): Promise<Step<Start>> {
  const named = await readNamed(job, place);
  if (!named.ok || !isLater || job.pushBranch === checkedOut(named.value)) return named;
  const pushed = await readBranch(place, job.pushBranch);
  if (!pushed.ok) return pushed;
  if (pushed.value === null) return named;
  const { branch, work } = named.value;
  const base = work.kind === "resume" ? work.newBranch : branch;
  return done({ branch: base, work: { kind: "resume", newBranch: job.pushBranch } });
}

/** Where the remote has the branch that is to be pushed. */
export async function findStart(
  { pushBranch }: CodingJob,
  start: Start,
  { clonedCommit, ...place }: Place & { readonly clonedCommit: string },
): Promise<Step<string | null>> {
  if (pushBranch !== checkedOut(start)) return readBranch(place, pushBranch);
  return done(start.work.kind === "create" ? null : clonedCommit);
}

/** Git pushes on top of what it has; nothing that an agent does brings another branch's commits into the checkout. */
export function canPush(
  outbox: Outbox,
  { startedAt, startCommit }: StartCommits,
): Promise<boolean> | boolean {
  return startedAt === null || startedAt === startCommit || isAncestor(outbox, startedAt, startCommit);
}

/**
 * The commit beyond which there is work: what this attempt began with, unless an earlier one has pushed something. What
 * the harness itself merged in is nobody's work.
 */
export async function findBase(
  outbox: Outbox,
  { startedAt, startCommit }: StartCommits,
  first: string | null,
): Promise<string> {
  if (first === null || startedAt === null) return startCommit;
  return (await hasEarlierWork(outbox, startedAt, first)) ? first : startCommit;
}

async function readNamed({ branch, newBranch }: CodingJob, place: Place): Promise<Step<Start>> {
  if (newBranch === undefined) return done({ branch, work: { kind: "branch-itself" } });
  const found = await readBranch(place, newBranch);
  if (!found.ok) return found;
  return done({ branch, work: { kind: found.value === null ? "create" : "resume", newBranch } });
}

function readBranch({ git, ...reading }: Place, branch: string): Promise<Step<string | null>> {
  return readRemoteBranch(git, { ...reading, branch });
}

function checkedOut({ branch, work }: Start): string {
  return work.kind === "branch-itself" ? branch : work.newBranch;
}
