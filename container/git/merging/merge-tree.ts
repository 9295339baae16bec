/** The tree of a merge that the harness completes: what the agent staged, and its edits of tracked and conflicted files. */

import { basename, join } from "node:path";
import { type Step, done } from "../../process/step.ts";
import { type OpenMerge, sortPaths } from "./conflicts.ts";
import type { Outbox } from "../outbox.ts";
import { lookAtFiles } from "../quarantine.ts";
import { copyReadableIndex, readTree, stagePaths, writeTree } from "../outbox-index.ts";
import { findChanges, stageChanges } from "../stage-changes.ts";
import { type Untracked, listUntracked } from "../untracked.ts";

export type MergedTree = {
  readonly tree: string;
  /** Conflicts that the agent has not staged. */
  readonly unstaged: ReadonlySet<string>;
  readonly untracked: Untracked;
  /** Git's words on edited files that it cannot take. */
  readonly refused: readonly string[];
};

/** `head` is the commit that is checked out, `ours` what is no work of the agent's, as `path/`. */
export function makeMergedTree(
  outbox: Outbox,
  merge: OpenMerge,
  options: MergedHead,
): Promise<Step<MergedTree>> {
  return lookAtFiles(outbox, {
    indexes: [merge.index],
    look: (at) => makeTree(at, { ...merge, index: join(at.folder, basename(merge.index)) }, options),
    toObject: ({ tree }) => tree,
  });
}

type MergedHead = { readonly head: string; readonly ours: readonly string[] };

async function makeTree(
  outbox: Outbox,
  merge: OpenMerge,
  { head, ours }: MergedHead,
): Promise<Step<MergedTree>> {
  // an index that cannot be read says nothing of what was staged; the merge's own knows every file
  const theirs = (await copyReadableIndex(outbox)) ?? merge.index;
  const found = await findChanges(outbox, theirs, { head, ours });
  if (!found.ok) return found;
  const index = await readTree(outbox, "index-clean", head);
  if (!index.ok) return index;
  const refused = await stageChanges(outbox, index.value, { ...found.value, head });
  if (!refused.ok) return refused;
  const { unmerged: unstaged } = found.value;
  const resolved = await stagePaths(outbox, index.value, await sortPaths(outbox, [...unstaged]));
  if (!resolved.ok) return resolved;
  const tree = await writeTree(outbox, index.value);
  if (!tree.ok) return tree;
  const untracked = await listUntracked(outbox, theirs);
  return done({ tree: tree.value, unstaged, untracked, refused: refused.value });
}
