/**
 * The clean repository that pushes leave from, made and written by the harness. Git runs in it with no configuration of
 * the checkout: of the checkout only objects and two refs are fetched, and nothing of it is ever executed. Where the
 * checkout has an owner of its own, they are served by a process of that owner. An agent that is the same user as the
 * harness could write the repository all the same, so what may turn git elsewhere is sealed.
 */

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import { type CheckoutOwner, servedBy } from "./checkout-owner.ts";
import { type Git, type GitCommand, localGitMs } from "./git.ts";
import { findRef } from "./remote-branch.ts";

export type Outbox = {
  /** The bare repository, absolute. */
  readonly folder: string;
  /** The checkout the agent works in, absolute. */
  readonly worktree: string;
  readonly git: Git;
  /** Whose the checkout is; null: the harness's own user's. */
  readonly owner: CheckoutOwner | null;
};

/** The two places in a checkout where work may be: what is checked out, and the branch that is to be pushed. */
export type Tips = { readonly head: string | null; readonly branch: string | null };

const headRef = "refs/holt/head";
const branchRef = "refs/holt/branch";
const lookRef = "refs/holt/look";
const furtherRef = "refs/holt/further";

/** The checkout may be shallow, and its boundary has to come along for the push to work. */
const fetchFlags = ["--quiet", "--no-tags", "--update-shallow", "--no-write-fetch-head"] as const;

/** What in a repository can send git to another host, or make it run or read something from elsewhere. */
const decisive = ["config", "config.worktree", "commondir", "hooks", "objects/info/alternates"] as const;

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
  if (!made.ok) return made;
  await git.seal(decisive.map((path) => join(folders.folder, path)));
  return done({ ...folders, git, owner: null });
}

/** Fetches what the checkout holds at this moment. */
export async function collectTips(outbox: Outbox, branch: string, signal?: AbortSignal): Promise<Step<Tips>> {
  const wanted = `refs/heads/${branch}`;
  const listed = await listRefs(outbox, ["HEAD", wanted], signal);
  if (!listed.ok) return listed;
  const hasHead = listed.value.some(({ ref }) => ref === "HEAD");
  const hasBranch = listed.value.some(({ ref }) => ref === wanted);
  if (!hasHead && !hasBranch) return done({ head: null, branch: null });
  const refspecs = [
    ...(hasHead ? [`+HEAD:${headRef}`] : []),
    ...(hasBranch ? [`+${wanted}:${branchRef}`] : []),
  ];
  const fetched = await collectRefs(outbox, refspecs, signal);
  if (!fetched.ok) return fetched;
  const fetchedRefs = await outbox.git.run(
    ["for-each-ref", "--format=%(objectname)%09%(refname)", headRef, branchRef],
    inOutbox(outbox),
  );
  if (!fetchedRefs.ok) return fetchedRefs;
  // what an earlier collection fetched and the checkout has no longer still stands there
  const head = hasHead ? findRef(fetchedRefs.value, headRef) : null;
  return done({ head, branch: hasBranch ? findRef(fetchedRefs.value, branchRef) : null });
}

export type Ref = { readonly object: string; readonly ref: string };

/** Refs of the checkout, by git's patterns. */
export async function listRefs(
  outbox: Outbox,
  patterns: readonly string[],
  signal?: AbortSignal,
): Promise<Step<readonly Ref[]>> {
  const checked = await checkWorktree(outbox.worktree);
  if (!checked.ok) return checked;
  const listed = await outbox.git.run(
    ["ls-remote", ...servedBy(outbox.owner), "--", sourceOf(outbox), ...patterns],
    fromCheckout(outbox, signal),
  );
  if (!listed.ok) return listed;
  const lines = listed.value.split("\n").map((line) => line.split("\t"));
  return done(lines.flatMap(([object, ref]) => (object && ref ? [{ object, ref }] : [])));
}

/** Fetches what one more ref of the checkout points at. */
export function collectRef(outbox: Outbox, ref: string, signal?: AbortSignal): Promise<Step<null>> {
  return collectRefs(outbox, [`+${ref}:${furtherRef}`], signal);
}

export async function collectRefs(
  outbox: Outbox,
  refspecs: readonly string[],
  signal?: AbortSignal,
): Promise<Step<null>> {
  const checked = await checkWorktree(outbox.worktree);
  if (!checked.ok) return checked;
  const fetched = await outbox.git.run(
    ["fetch", ...fetchFlags, ...servedBy(outbox.owner), "--", sourceOf(outbox), ...refspecs],
    fromCheckout(outbox, signal),
  );
  return fetched.ok ? done(null) : fetched;
}

/** Fetches one object, and what it needs, out of a repository of the checkout's owner. */
export async function collectObject(
  outbox: Outbox,
  { repository, object }: { readonly repository: string; readonly object: string },
): Promise<Step<null>> {
  const fetched = await outbox.git.run(
    ["fetch", ...fetchFlags, ...servedBy(outbox.owner), "--", repository, `+${object}:${lookRef}`],
    fromCheckout(outbox),
  );
  return fetched.ok ? done(null) : fetched;
}

/** Fetches one object of the outbox, and what it needs, into a repository of the harness's. */
export async function collectFromOutbox(
  outbox: Outbox,
  { repository, object }: { readonly repository: string; readonly object: string },
): Promise<Step<null>> {
  const env = { GIT_DIR: repository };
  const fetched = await outbox.git.run(
    ["fetch", ...fetchFlags, "--", outbox.folder, `+${object}:${lookRef}`],
    { cwd: repository, env, local: true, timeoutMs: transferMs },
  );
  return fetched.ok ? done(null) : fetched;
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

/** Names the repository: git that looks for one would take a `.git` inside it first. */
export function inOutbox(outbox: Outbox, signal?: AbortSignal): GitCommand {
  const env = { GIT_DIR: outbox.folder };
  return { cwd: outbox.folder, env, timeoutMs: localGitMs, signal };
}

/** Who serves for an owner looks for no repository but the one it is given. */
function sourceOf({ worktree, owner }: Outbox): string {
  return owner === null ? worktree : join(worktree, ".git");
}

/** The folder it works in is passed on to the process that serves, which may see none of the harness's. */
function fromCheckout(outbox: Outbox, signal?: AbortSignal): GitCommand {
  return { ...inOutbox(outbox, signal), cwd: "/", local: true, timeoutMs: transferMs };
}

/**
 * What would let the agent choose which repository git reads here: a link in place of the checkout or its `.git`, a
 * `.git` that only points elsewhere, and a `commondir`.
 */
async function checkWorktree(worktree: string): Promise<Step<null>> {
  const gitFolder = join(worktree, ".git");
  const [checkout, git, elsewhere] = await Promise.all(
    [worktree, gitFolder, join(gitFolder, "commondir")].map((path) => lstat(path).catch(() => null)),
  );
  return checkout?.isDirectory() === true && git?.isDirectory() === true && elsewhere === null
    ? done(null)
    : failed("git", "the checkout's .git is gone or has been replaced, so its work cannot be read");
}
