/** The tree of a merge that the harness completes: what the agent staged, and its edits of tracked and conflicted files. */

import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import { type OpenMerge, sortPaths } from "./conflicts.ts";
import { type Change, type Entry, gitlinkMode, listChanges } from "./entries.ts";
import type { Outbox } from "./outbox.ts";
import { copyCheckoutIndex, readTree, stagePaths, withIndex, writeTree } from "./outbox-index.ts";
import { type Untracked, listUntracked } from "./untracked.ts";

export type MergedTree = {
  readonly tree: string;
  /** Conflicts that the agent has not staged. */
  readonly unstaged: ReadonlySet<string>;
  readonly untracked: Untracked;
};

/** `head` is the commit that is checked out, `ours` what is no work of the agent's, as `path/`. */
export async function makeMergedTree(
  outbox: Outbox,
  merge: OpenMerge,
  options: { readonly head: string; readonly ours: readonly string[] },
): Promise<Step<MergedTree>> {
  const copy = join(outbox.folder, "index-theirs");
  if (await copyCheckoutIndex(outbox, copy)) {
    const made = await makeTreeBy(outbox, copy, options);
    if (made.ok) return made;
  }
  // an index that cannot be read says nothing of what was staged; the merge's own knows every file
  return makeTreeBy(outbox, merge.index, options);
}

async function makeTreeBy(
  outbox: Outbox,
  theirs: string,
  { head, ours }: { readonly head: string; readonly ours: readonly string[] },
): Promise<Step<MergedTree>> {
  const command = withIndex(outbox, theirs);
  const staged = await listChanges(
    outbox,
    ["diff-index", "--cached", "--ignore-submodules=none", head, "--"],
    command,
  );
  if (!staged.ok) return staged;
  const edited = await listChanges(outbox, ["diff-files", "--ignore-submodules=all"], command);
  if (!edited.ok) return edited;
  const isOurs = ({ path }: Change): boolean =>
    ours.some((folder) => `${path}/`.startsWith(Buffer.from(folder).toString("latin1")));
  const changes = [...staged.value, ...edited.value].filter((change) => !isOurs(change));
  const unstaged = new Set(changes.filter(({ status }) => status === "U").map(({ path }) => path));
  const index = await stageAll(outbox, { changes, unstaged, head });
  if (!index.ok) return index;
  const tree = await writeTree(outbox, index.value);
  if (!tree.ok) return tree;
  return done({ tree: tree.value, unstaged, untracked: await listUntracked(outbox, theirs) });
}

type Staging = {
  readonly changes: readonly Change[];
  readonly unstaged: ReadonlySet<string>;
  readonly head: string;
};

async function stageAll(outbox: Outbox, { changes, unstaged, head }: Staging): Promise<Step<string>> {
  const index = await readTree(outbox, "index-clean", head);
  if (!index.ok) return index;
  const gone = new Set<string>();
  const present = new Set<string>();
  const gitlinks = new Map<string, Entry>();
  for (const { status, path, after } of changes) {
    if (unstaged.has(path)) continue;
    if (after?.mode === gitlinkMode) gitlinks.set(path, after);
    else if (status === "D") gone.add(path);
    else present.add(path);
  }
  const unmerged = await sortPaths(outbox, [...unstaged]);
  const staged = await stagePaths(outbox, index.value, {
    gone: [...gone, ...unmerged.gone],
    present: [...[...present].filter((path) => !gone.has(path)), ...unmerged.present],
  });
  if (!staged.ok) return staged;
  if (gitlinks.size === 0) return index;
  // a submodule is not checked out: its commit is in the index alone
  const input = [...gitlinks].map(([path, { mode, object }]) => `${mode} ${object}\t${path}\0`).join("");
  const added = await outbox.git.run(["update-index", "-z", "--index-info"], {
    ...withIndex(outbox, index.value),
    input,
    encoding: "latin1",
  });
  return added.ok ? index : added;
}
