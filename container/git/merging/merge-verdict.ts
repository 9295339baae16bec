/**
 * Judges what an agent made of a half-done merge, by the commit that would be pushed: it must stand on the branch and on
 * its base, hold no marker of a conflict, and hold something of what the base brought. What the agent's index says of a
 * conflict counts only where the file itself tells nothing.
 */

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done } from "../../process/step.ts";
import type { GitIdentity } from "../checkout.ts";
import type { OpenMerge } from "./conflicts.ts";
import { gitlinkMode, isSameEntry, listChanges, readTreeEntries } from "../entries.ts";
import { findMarked } from "./marked-files.ts";
import { type MergedTree, makeMergedTree } from "./merge-tree.ts";
import { displayPath } from "../nul-records.ts";
import { type Outbox, collectTips, inOutbox, isAncestor } from "../outbox.ts";
import { commitTree, overIndex } from "../outbox-index.ts";
import { saveEdits } from "../save-edits.ts";
import type { Untracked } from "../untracked.ts";

export type MergeRequest = {
  readonly branch: string;
  /** Of the merge commit, where the agent made none. */
  readonly mergeMessage: string;
  /** Of a commit with edits on top of the agent's own merge commit. */
  readonly message: string;
  readonly identity: GitIdentity;
  readonly ours: readonly string[];
  readonly signal: AbortSignal;
};

export type Verdict =
  | {
      readonly kind: "resolved";
      readonly commit: string;
      /** Files that the base changed without a conflict and that are as if it had not. */
      readonly withoutBase: readonly string[];
      readonly untracked: Untracked;
      /** Git's words on edited files that it cannot take. */
      readonly refused: readonly string[];
    }
  | {
      readonly kind: "unresolved";
      readonly paths: readonly string[];
      /** A sentence where files alone do not tell. */
      readonly why: string | null;
    };

const noUntracked: Untracked = { count: 0, first: [] };

export async function judgeMerge(
  outbox: Outbox,
  merge: OpenMerge,
  request: MergeRequest,
): Promise<Step<Verdict>> {
  const collected = await collectTips(outbox, request.branch, request.signal);
  if (!collected.ok) return collected;
  const { head, branch } = collected.value;
  if (head !== null && (await holdsBoth(outbox, merge, head)))
    return judgeOwnMerge(outbox, merge, request, head);
  if (branch !== null && (await holdsBoth(outbox, merge, branch))) {
    const nothing = { unstaged: new Set<string>(), untracked: noUntracked, refused: [] };
    return judgeCommit(outbox, merge, { ...nothing, commit: branch });
  }
  const isUnderWay = head !== null && (await isAncestor(outbox, merge.branchHead, head));
  if (!isUnderWay || !(await isMerging(outbox, merge.baseHead))) {
    return done({
      kind: "unresolved",
      paths: merge.conflicts.map(({ path }) => displayPath(path)),
      why: "The agent gave up the merge: the checkout is not in the middle of it any more, and no commit completes it.",
    });
  }
  return completeMerge(outbox, merge, request, head);
}

/** The agent has committed the merge itself; edits on top of it leave too. */
async function judgeOwnMerge(
  outbox: Outbox,
  merge: OpenMerge,
  { message, identity, ours }: MergeRequest,
  head: string,
): Promise<Step<Verdict>> {
  const saved = await saveEdits(outbox, { head, message, identity, ours });
  // what is committed need not be lost with what cannot be saved
  const edits = saved.ok
    ? saved.value
    : { commit: null, untracked: noUntracked, refused: [saved.failure.text] };
  return judgeCommit(outbox, merge, { ...edits, commit: edits.commit ?? head, unstaged: new Set() });
}

async function completeMerge(
  outbox: Outbox,
  merge: OpenMerge,
  { mergeMessage: message, identity, ours }: MergeRequest,
  head: string,
): Promise<Step<Verdict>> {
  const made = await makeMergedTree(outbox, merge, { head, ours });
  if (!made.ok) return made;
  const { tree, ...rest } = made.value;
  const commit = await commitTree(outbox, { tree, parents: [head, merge.baseHead], message, identity });
  if (!commit.ok) return commit;
  return judgeCommit(outbox, merge, { ...rest, commit: commit.value });
}

/** What was found of the tree, as the commit it became. */
type Candidate = Omit<MergedTree, "tree"> & { readonly commit: string };

async function judgeCommit(
  outbox: Outbox,
  merge: OpenMerge,
  { commit, unstaged, untracked, refused }: Candidate,
): Promise<Step<Verdict>> {
  const marked = await findMarked(outbox, merge, commit);
  if (!marked.ok) return marked;
  const untouched = await findUntouched(outbox, merge, { commit, unstaged });
  if (!untouched.ok) return untouched;
  const open = [...new Set([...marked.value, ...untouched.value])];
  if (open.length > 0) return done({ kind: "unresolved", paths: open.map(displayPath), why: null });
  const without = await findWithoutBase(outbox, merge, commit);
  if (!without.ok) return without;
  const { left, isAllLeft } = without.value;
  if (isAllLeft && (await isAsBranch(outbox, merge, commit))) {
    return done({
      kind: "unresolved",
      paths: merge.conflicts.map(({ path }) => displayPath(path)),
      why: "Nothing is left of what the base changed.",
    });
  }
  return done({ kind: "resolved", commit, withoutBase: left.map(displayPath), untracked, refused });
}

async function holdsBoth(outbox: Outbox, merge: OpenMerge, commit: string): Promise<boolean> {
  return (
    (await isAncestor(outbox, merge.branchHead, commit)) && (await isAncestor(outbox, merge.baseHead, commit))
  );
}

/** Conflicts that were not staged and whose files are as the merge left them: a binary, a deletion, a submodule. */
async function findUntouched(
  outbox: Outbox,
  merge: OpenMerge,
  { commit, unstaged }: { readonly commit: string; readonly unstaged: ReadonlySet<string> },
): Promise<Step<readonly string[]>> {
  if (unstaged.size === 0) return done([]);
  const entries = await readTreeEntries(outbox, commit, (path) => unstaged.has(path));
  if (!entries.ok) return entries;
  const known = new Map(merge.conflicts.map((conflict) => [conflict.path, conflict]));
  const untouched = [...unstaged].filter((path) => {
    const conflict = known.get(path);
    // a conflict of the agent's making
    if (conflict === undefined) return false;
    // both sides took the file away, or gave it other names, which are conflicts of their own
    if (conflict.ours === null && conflict.theirs === null) return false;
    const sides = [conflict.ancestor, conflict.ours, conflict.theirs];
    if (sides.some((side) => side?.mode === gitlinkMode)) return true;
    return isSameEntry(entries.value.get(path) ?? null, conflict.left);
  });
  return done(untouched);
}

/** What the merge took over from the base by itself, and what of it the commit has as the branch had it. */
async function findWithoutBase(
  outbox: Outbox,
  merge: OpenMerge,
  commit: string,
): Promise<Step<{ readonly left: readonly string[]; readonly isAllLeft: boolean }>> {
  const args = ["diff-index", "--cached", merge.branchHead, "--"] as const;
  const merged = await listChanges(outbox, args, overIndex(outbox, merge.index));
  if (!merged.ok) return merged;
  const kept = await listChanges(
    outbox,
    ["diff-tree", "-r", merge.branchHead, commit, "--"],
    inOutbox(outbox),
  );
  if (!kept.ok) return kept;
  const changed = new Set(merged.value.filter(({ status }) => status !== "U").map(({ path }) => path));
  const keptPaths = new Set(kept.value.map(({ path }) => path));
  const left = [...changed].filter((path) => !keptPaths.has(path));
  return done({ left, isAllLeft: left.length > 0 && left.length === changed.size });
}

/** Whether every conflict was decided for the branch, as a merge by the strategy `ours` decides them. */
async function isAsBranch(outbox: Outbox, { conflicts }: OpenMerge, commit: string): Promise<boolean> {
  const paths = new Set(conflicts.map(({ path }) => path));
  const entries = await readTreeEntries(outbox, commit, (path) => paths.has(path));
  return (
    entries.ok && conflicts.every(({ path, ours }) => isSameEntry(entries.value.get(path) ?? null, ours))
  );
}

/** Whether the checkout is in the middle of merging this very commit. */
async function isMerging(outbox: Outbox, baseHead: string): Promise<boolean> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(outbox.worktree, ".git", "MERGE_HEAD"), flags).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4096) });
    return buffer.toString("latin1", 0, bytesRead).trim() === baseHead;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
