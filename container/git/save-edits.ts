/**
 * Commits what an agent edited and did not commit. The commit is made in the outbox, with the checkout as nothing but
 * a folder of files: no hook, filter, attribute driver or setting of the checkout's repository takes part.
 */

import { type Step, done, failed } from "../process/step.ts";
import type { GitIdentity } from "./checkout.ts";
import { sortPaths } from "./merging/conflicts.ts";
import { type Change, gitlinkMode } from "./entries.ts";
import type { Outbox } from "./outbox.ts";
import { lookAtFiles } from "./quarantine.ts";
import { commitTree, copyReadableIndex, readTree, treeOf, writeTree } from "./outbox-index.ts";
import { findChanges, stageChanges } from "./stage-changes.ts";
import { type Untracked, listUntracked } from "./untracked.ts";

export type SaveEdits = {
  /** The checked out commit, already collected into the outbox. */
  readonly head: string;
  readonly message: string;
  readonly identity: GitIdentity;
  /** Paths whose changes are ours and not the agent's, as `path/`. */
  readonly ours: readonly string[];
  /** The checkout has another history than `head`: it need not have that commit, and its index may leave files out. */
  readonly isOtherHistory?: boolean;
};

/** What of the checkout no commit of the agent's holds. */
export type Edits = {
  /** A new commit on top of `head` with the edits of tracked files; null where there are none. */
  readonly commit: string | null;
  readonly untracked: Untracked;
  /** Git's words on edited files that it cannot take, and that the commit has as `head` has them. */
  readonly refused: readonly string[];
};

/** Fails where there are edits and git can take none of them. */
export function saveEdits(outbox: Outbox, save: SaveEdits): Promise<Step<Edits>> {
  return lookAtFiles(outbox, {
    look: (at) => commitEdits(at, save),
    toObject: ({ commit }) => commit,
    commit: save.isOtherHistory === true ? save.head : undefined,
  });
}

async function commitEdits(outbox: Outbox, save: SaveEdits): Promise<Step<Edits>> {
  const read = await readTree(outbox, "index-clean", save.head);
  if (!read.ok) return read;
  const clean = read.value;
  // a new file is untracked to an index other than the agent's
  const theirs = (await copyReadableIndex(outbox)) ?? clean;
  const found = await findChanges(outbox, theirs, save);
  if (!found.ok) return found;
  const untracked = await listUntracked(outbox, theirs);
  if (found.value.changes.length === 0) return done({ commit: null, untracked, refused: [] });
  // a half-done merge stands in the file with its markers, and nobody asked for those
  const { changes } = found.value;
  const refused = await stageChanges(outbox, clean, {
    ...found.value,
    changes: save.isOtherHistory === true ? await withoutStanding(outbox, changes) : changes,
    head: save.head,
  });
  if (!refused.ok) return refused;
  const commit = await commitIndex(outbox, save, clean);
  if (!commit.ok) return commit;
  if (commit.value === null && refused.value.length > 0) return failed("git", refused.value.join("; "));
  return done({ commit: commit.value, untracked, refused: refused.value });
}

/** Changes but for deletions of what is there still, or is never checked out. */
async function withoutStanding(outbox: Outbox, changes: readonly Change[]): Promise<readonly Change[]> {
  const gone = changes.filter(({ status }) => status === "D");
  const sorted = await sortPaths(
    outbox,
    gone.map(({ path }) => path),
  );
  const standing = new Set(sorted.present);
  return changes.filter(
    ({ status, path, before }) => status !== "D" || !(standing.has(path) || before?.mode === gitlinkMode),
  );
}

async function commitIndex(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<string | null>> {
  const tree = await writeTree(outbox, index);
  if (!tree.ok) return tree;
  const before = await treeOf(outbox, save.head);
  if (!before.ok) return before;
  if (before.value === tree.value) return done(null);
  const { head, message, identity } = save;
  return commitTree(outbox, { tree: tree.value, parents: [head], message, identity });
}
