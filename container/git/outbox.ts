/**
 * The clean repository that pushes leave from. The agent cannot write it, and git runs in it with no configuration of
 * the checkout: of the checkout only objects and two refs are fetched, and nothing of it is ever executed.
 */

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import { type Git, type GitCommand, localGitMs } from "./git.ts";
import { findRef } from "./remote-branch.ts";

export type Outbox = {
  /** The bare repository, absolute. */
  readonly folder: string;
  /** The checkout the agent works in, absolute. */
  readonly worktree: string;
  readonly git: Git;
};

/** The two places in a checkout where work may be: what is checked out, and the branch that is to be pushed. */
export type Tips = { readonly head: string | null; readonly branch: string | null };

const headRef = "refs/holt/head";
const branchRef = "refs/holt/branch";

/** How long objects may take from one folder to another. */
const transferMs = 300_000;

export async function createOutbox(
  git: Git,
  folders: { readonly folder: string; readonly worktree: string },
): Promise<Step<Outbox>> {
  const made = await git.run(["init", "-q", "--bare", folders.folder], {
    cwd: join(folders.folder, ".."),
    timeoutMs: localGitMs,
  });
  return made.ok ? done({ ...folders, git }) : made;
}

/** Fetches what the checkout holds at this moment. */
export async function collectTips(outbox: Outbox, branch: string, signal?: AbortSignal): Promise<Step<Tips>> {
  const checked = await checkWorktree(outbox.worktree);
  if (!checked.ok) return checked;
  const { git, worktree } = outbox;
  const wanted = `refs/heads/${branch}`;
  const reading = { ...inOutbox(outbox, signal), local: true, timeoutMs: transferMs };
  const listed = await git.run(["ls-remote", "--", worktree, "HEAD", wanted], reading);
  if (!listed.ok) return listed;
  const refspecs = [
    ...(findRef(listed.value, "HEAD") === null ? [] : [`+HEAD:${headRef}`]),
    ...(findRef(listed.value, wanted) === null ? [] : [`+${wanted}:${branchRef}`]),
  ];
  if (refspecs.length === 0) return done({ head: null, branch: null });
  // the checkout may be shallow, and its boundary has to come along for the push to work
  const flags = ["--quiet", "--no-tags", "--update-shallow", "--no-write-fetch-head"];
  const fetched = await git.run(["fetch", ...flags, "--", worktree, ...refspecs], reading);
  if (!fetched.ok) return fetched;
  const fetchedRefs = await git.run(
    ["for-each-ref", "--format=%(objectname)%09%(refname)", "refs/holt/"],
    inOutbox(outbox),
  );
  if (!fetchedRefs.ok) return fetchedRefs;
  const valueOf = (ref: string): string | null =>
    refspecs.some((spec) => spec.endsWith(`:${ref}`)) ? findRef(fetchedRefs.value, ref) : null;
  return done({ head: valueOf(headRef), branch: valueOf(branchRef) });
}

/** Whether `commit` holds anything that `base` does not. A base that did not come along tells by being another commit. */
export async function isBeyond(outbox: Outbox, commit: string, base: string): Promise<boolean> {
  if (commit === base) return false;
  const listed = await outbox.git.try(["rev-list", "--max-count=1", commit, `^${base}`], inOutbox(outbox));
  return !isSuccess(listed.exit) || listed.stdout.trim() !== "";
}

export async function isAncestor(outbox: Outbox, ancestor: string, commit: string): Promise<boolean> {
  const asked = await outbox.git.try(["merge-base", "--is-ancestor", ancestor, commit], inOutbox(outbox));
  return isSuccess(asked.exit);
}

export function inOutbox(outbox: Outbox, signal?: AbortSignal): GitCommand {
  return { cwd: outbox.folder, timeoutMs: localGitMs, signal };
}

/** A `.git` that is a link or a pointer would let the agent choose which repository git reads here. */
async function checkWorktree(worktree: string): Promise<Step<null>> {
  const found = await lstat(join(worktree, ".git")).catch(() => null);
  return found?.isDirectory() === true
    ? done(null)
    : failed("git", "the checkout's .git is gone or has been replaced, so its work cannot be read");
}
