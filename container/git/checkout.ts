/** Makes the checkout a job works in, before anything untrusted has run in it. */

import { type Step, done, failed } from "../process/step.ts";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CheckoutPlan, GitIdentity } from "./checkout-plan.ts";
import { type Git, localGitMs } from "./git.ts";
import { renewTree } from "./kept/tree.ts";
import { mergeBaseIfClean } from "./merging/clean-merge.ts";

export type { CheckoutPlan, GitIdentity };

export type Checkout = {
  /** The head as the remote had it. */
  readonly clonedCommit: string;
  /** What the agent starts from: a resumed branch may have got its base merged in. */
  readonly startCommit: string;
};

/** Clones, names the branch, and sets the identity of commits. */
export async function makeCheckout(git: Git, plan: CheckoutPlan): Promise<Step<Checkout>> {
  const made = plan.kept == null ? await cloneTree(git, plan) : await renewTree(git, plan, plan.kept);
  if (!made.ok) return made;
  const clonedCommit = await readHead(git, plan);
  if (!clonedCommit.ok) return clonedCommit;
  const { branch: base, work } = plan;
  if (work.kind !== "resume") {
    return done({ clonedCommit: clonedCommit.value, startCommit: clonedCommit.value });
  }
  const merging = { ...plan, base, branch: work.newBranch, head: clonedCommit.value };
  const startCommit = await mergeBaseIfClean(git, merging);
  return startCommit.ok
    ? done({ clonedCommit: clonedCommit.value, startCommit: startCommit.value })
    : startCommit;
}

/** Keeps a path of ours out of the agent's `git status` and `git add`. */
export async function excludeFromGit(gitDir: string, pattern: string): Promise<void> {
  await mkdir(join(gitDir, "info"), { recursive: true });
  await appendFile(join(gitDir, "info", "exclude"), `${pattern}\n`);
}

async function cloneTree(git: Git, plan: CheckoutPlan): Promise<Step<unknown>> {
  const cloned = await git.run(cloneArguments(plan), {
    cwd: join(plan.folder, ".."),
    remote: plan.remote,
    timeoutMs: plan.timeoutMs,
    signal: plan.signal,
  });
  if (!cloned.ok || plan.work.kind !== "create") return cloned;
  return git.run(["checkout", "-q", "-b", plan.work.newBranch], inside(plan));
}

function cloneArguments(plan: CheckoutPlan): readonly string[] {
  const branch = plan.work.kind === "resume" ? plan.work.newBranch : plan.branch;
  // a resumed branch is merged with its base, which needs the history of both
  const depth = plan.work.kind === "resume" ? [] : ["--depth", "1"];
  const extent = plan.isFull ? [] : ["--no-tags", "--single-branch", ...depth];
  const { name, email } = plan.identity;
  const identity = ["--config", `user.name=${name}`, "--config", `user.email=${email}`];
  const flags = [...extent, ...identity, "--branch", branch];
  return ["clone", ...flags, "--", plan.remote.url, plan.folder];
}

async function readHead(git: Git, plan: CheckoutPlan): Promise<Step<string>> {
  const head = await git.run(["rev-parse", "--verify", "HEAD^{commit}"], inside(plan));
  if (!head.ok) return head;
  const commit = head.value.trim();
  return /^[0-9a-f]{40,64}$/.test(commit) ? done(commit) : failed("git", "git named no commit as HEAD");
}

function inside(plan: CheckoutPlan) {
  return { cwd: plan.folder, timeoutMs: localGitMs, signal: plan.signal };
}
