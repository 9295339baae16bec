/**
 * Commits what an agent edited and did not commit. The commit is made in the outbox, with the checkout as nothing but
 * a folder of files: no hook, filter, attribute driver or setting of the checkout's repository takes part.
 */

import { join } from "node:path";
import { isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import type { GitIdentity } from "./checkout.ts";
import { type Change, type Entry, gitlinkMode, listChanges } from "./entries.ts";
import type { Outbox } from "./outbox.ts";
import {
  commitTree,
  copyCheckoutIndex,
  readTree,
  setEntries,
  stagePaths,
  treeOf,
  withIndex,
  writeTree,
} from "./outbox-index.ts";
import { stageTakeable } from "./takeable.ts";
import { dropUnedited } from "./unedited.ts";
import { type Untracked, listUntracked } from "./untracked.ts";

export type SaveEdits = {
  /** The checked out commit, already collected into the outbox. */
  readonly head: string;
  readonly message: string;
  readonly identity: GitIdentity;
  /** Paths whose changes are ours and not the agent's, as `path/`. */
  readonly ours: readonly string[];
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
export async function saveEdits(outbox: Outbox, save: SaveEdits): Promise<Step<Edits>> {
  const read = await readTree(outbox, "index-clean", save.head);
  if (!read.ok) return read;
  const clean = read.value;
  const theirs = await copyReadableIndex(outbox);
  const found = await findChanges(outbox, save, theirs ?? clean);
  if (!found.ok) return found;
  const untracked = await listUntracked(outbox, theirs ?? clean);
  if (found.value.changes.length === 0) return done({ commit: null, untracked, refused: [] });
  const refused = await stageFound(outbox, clean, found.value);
  if (!refused.ok) return refused;
  const dropped = await dropUnedited(outbox, clean, { head: save.head, kept: found.value.stagedPaths });
  if (!dropped.ok) return dropped;
  const commit = await commitIndex(outbox, save, clean);
  if (!commit.ok) return commit;
  if (commit.value === null && refused.value.length > 0) return failed("git", refused.value.join("; "));
  return done({ commit: commit.value, untracked, refused: refused.value });
}

/**
 * The agent's own index knows what it staged and which files it has not touched, so a copy of it is asked first. One
 * that cannot be had or read is replaced by the index of `head`, to which new files are untracked.
 */
async function copyReadableIndex(outbox: Outbox): Promise<string | null> {
  const copy = join(outbox.folder, "index-theirs");
  if (!(await copyCheckoutIndex(outbox, copy))) return null;
  const read = await outbox.git.try(["ls-files", "--unmerged"], {
    ...withIndex(outbox, copy),
    onStdout: () => undefined,
  });
  return isSuccess(read.exit) ? copy : null;
}

type Found = { readonly changes: readonly Change[]; readonly stagedPaths: ReadonlySet<string> };

async function findChanges(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<Found>> {
  const command = withIndex(outbox, index);
  const ours = save.ours.map((folder) => Buffer.from(folder).toString("latin1"));
  // a submodule is not checked out: what the agent did to one is in its index alone
  const staged = await listChanges(
    outbox,
    ["diff-index", "--cached", "--ignore-submodules=none", save.head, "--"],
    command,
  );
  if (!staged.ok) return staged;
  const edited = await listChanges(outbox, ["diff-files", "--ignore-submodules=all"], command);
  if (!edited.ok) return edited;
  const changes = [...staged.value, ...edited.value];
  // a half-done merge stands in the file with its markers, and nobody asked for those
  const unmerged = new Set(changes.filter(({ status }) => status === "U").map(({ path }) => path));
  const wanted = changes.filter(
    ({ path }) => !unmerged.has(path) && !ours.some((folder) => `${path}/`.startsWith(folder)),
  );
  return done({
    changes: [...new Map(wanted.map((change) => [change.path, change])).values()],
    stagedPaths: new Set(staged.value.map(({ path }) => path)),
  });
}

async function stageFound(
  outbox: Outbox,
  index: string,
  { changes }: Found,
): Promise<Step<readonly string[]>> {
  const gone: string[] = [];
  const present: string[] = [];
  const gitlinks = new Map<string, Entry>();
  for (const { status, path, after } of changes) {
    if (after?.mode === gitlinkMode) gitlinks.set(path, after);
    else if (status === "D") gone.push(path);
    else present.push(path);
  }
  const removed = await stagePaths(outbox, index, { gone, present: [] });
  if (!removed.ok) return removed;
  const linked = await setEntries(outbox, index, gitlinks);
  return linked.ok ? stageTakeable(outbox, index, present) : linked;
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
