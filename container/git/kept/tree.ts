/**
 * Makes a checkout where an earlier job had its own. The repository is made anew: no hook, setting, ref or object that
 * job left in its `.git` is read. Of the files those stay that git would write alike, so that builds find them as old as
 * they are, and the untracked ones that are to be kept.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isSuccess } from "../../process/exit.ts";
import { type Step, done, failed } from "../../process/step.ts";
import type { CheckoutPlan } from "../checkout-plan.ts";
import { type Git, localGitMs } from "../git.ts";
import { dropKeptRefs, readCache, updateCache } from "./cache.ts";
import type { KeptTree } from "./path.ts";
import { removeWhatever } from "./removal.ts";
import { isSwept } from "./sweep.ts";

/** Leaves the plan's branch checked out, as a clone would. The tree's folder stands and is the harness's. */
export async function renewTree(git: Git, plan: CheckoutPlan, tree: KeptTree): Promise<Step<null>> {
  try {
    return await renew(git, plan, tree);
  } catch (error) {
    return failed("git", `'${tree.folder}' could not be made anew: ${String(error)}`);
  }
}

async function renew(git: Git, plan: CheckoutPlan, tree: KeptTree): Promise<Step<null>> {
  const work = { tree, signal: plan.signal };
  await removeWhatever(join(tree.folder, ".git"));
  const made = await makeRepository(git, plan);
  if (!made.ok) return made;
  await readCache(git, work);
  const fetched = await fetchBranches(git, plan);
  if (!fetched.ok) return fetched;
  await dropKeptRefs(git, work);
  const checkedOut = await checkOut(git, plan, tree);
  if (checkedOut.ok) await updateCache(git, work);
  return checkedOut;
}

async function makeRepository(git: Git, plan: CheckoutPlan): Promise<Step<unknown>> {
  const made = await git.run(["init", "-q", "--", plan.folder], inside(plan));
  if (!made.ok) return made;
  const { name, email } = plan.identity;
  for (const [key, value] of [
    ["user.name", name],
    ["user.email", email],
    ["remote.origin.url", plan.remote.url],
    ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
  ] as const) {
    const set = await git.run(["config", "--local", key, value], inside(plan));
    if (!set.ok) return set;
  }
  return made;
}

/** Gets the branch to be checked out, which must be there, and those its work is compared with, where they are. */
async function fetchBranches(git: Git, plan: CheckoutPlan): Promise<Step<unknown>> {
  const needed = startOf(plan);
  if (plan.isFull) return git.run(fetchArguments(plan, ["--tags"], ["*"]), overNetwork(plan));
  const wished = [plan.branch, plan.baseBranch].filter((branch) => branch !== undefined);
  const all = [...new Set([needed, ...wished])];
  const fetched = await git.run(fetchArguments(plan, ["--no-tags"], all), overNetwork(plan));
  if (fetched.ok || all.length === 1 || plan.signal.aborted) return fetched;
  const alone = await git.run(fetchArguments(plan, ["--no-tags"], [needed]), overNetwork(plan));
  if (!alone.ok) return alone;
  for (const branch of all.slice(1)) {
    await git.try(fetchArguments(plan, ["--no-tags"], [branch]), overNetwork(plan));
  }
  return alone;
}

function fetchArguments(plan: CheckoutPlan, flags: readonly string[], branches: readonly string[]) {
  const refspecs = branches.map((branch) => `+refs/heads/${branch}:refs/remotes/origin/${branch}`);
  return ["fetch", "-q", ...flags, "--", plan.remote.url, ...refspecs];
}

async function checkOut(git: Git, plan: CheckoutPlan, tree: KeptTree): Promise<Step<null>> {
  const start = `refs/remotes/origin/${startOf(plan)}`;
  const branch = plan.work.kind === "branch-itself" ? plan.branch : plan.work.newBranch;
  const writing = { ...inside(plan), timeoutMs: plan.timeoutMs };
  const track = plan.work.kind === "create" ? "--no-track" : "--track";
  const args = ["checkout", "-q", track, "-f", "-B", branch, start];
  if (await isSwept(git, { plan, tree, start })) {
    const checkedOut = await git.try(args, writing);
    if (isSuccess(checkedOut.exit)) return done(null);
  }
  if (plan.signal.aborted) return failed("git", "the checkout was given up");
  // what an agent left in a state that git cannot get over is not worth keeping
  for (const name of await readdir(plan.folder)) {
    if (name !== ".git") await removeWhatever(join(plan.folder, name));
  }
  const again = await git.run(args, writing);
  return again.ok ? done(null) : again;
}

/** The branch at the remote that the checkout begins from. */
function startOf({ branch, work }: CheckoutPlan): string {
  return work.kind === "resume" ? work.newBranch : branch;
}

function inside(plan: CheckoutPlan) {
  return { cwd: plan.folder, timeoutMs: localGitMs, signal: plan.signal };
}

function overNetwork(plan: CheckoutPlan) {
  return { ...inside(plan), remote: plan.remote, timeoutMs: plan.timeoutMs };
}
