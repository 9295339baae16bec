/**
 * Commits what an agent edited and did not commit. The commit is made in the outbox, with the checkout as nothing but
 * a folder of files: no hook, filter, attribute driver or setting of the checkout's repository takes part.
 */

import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import type { GitIdentity } from "./checkout.ts";
import type { Outbox } from "./outbox.ts";
import {
  commitTree,
  copyCheckoutIndex,
  readTree,
  stagePaths,
  treeOf,
  withIndex,
  writeTree,
} from "./outbox-index.ts";
import { type Untracked, listUntracked } from "./untracked.ts";

export type SaveEdits = {
  /** The checked out commit, already collected into the outbox. */
  readonly head: string;
  readonly message: string;
  readonly identity: GitIdentity;
  /** Paths whose changes are ours and not the agent's, as `path/`. */
  readonly ours: readonly string[];
};

/** `path` has a character for each byte. */
type Change = { readonly status: string; readonly path: string };

/** What of the checkout no commit of the agent's holds. */
export type Edits = {
  /** A new commit on top of `head` with the edits of tracked files; null where there are none. */
  readonly commit: string | null;
  readonly untracked: Untracked;
};

export async function saveEdits(outbox: Outbox, save: SaveEdits): Promise<Step<Edits>> {
  const read = await readTree(outbox, "index-clean", save.head);
  if (!read.ok) return read;
  const clean = read.value;
  const found = await findEdits(outbox, save, clean);
  if (!found.ok) return found;
  const { changes, untracked } = found.value;
  if (changes.length === 0) return done({ commit: null, untracked });
  const staged = await stageChanges(outbox, changes, clean);
  if (!staged.ok) return staged;
  const commit = await commitIndex(outbox, save, clean);
  return commit.ok ? done({ commit: commit.value, untracked }) : commit;
}

type Found = { readonly changes: readonly Change[]; readonly untracked: Edits["untracked"] };

/**
 * The agent's own index knows what it staged and which files it has not touched, so a copy of it is asked first. One
 * that cannot be had or read is replaced by the index of `head`, which finds the same edits more slowly.
 */
async function findEdits(outbox: Outbox, save: SaveEdits, clean: string): Promise<Step<Found>> {
  const copy = join(outbox.folder, "index-theirs");
  if (await copyCheckoutIndex(outbox, copy)) {
    const found = await findEditsBy(outbox, save, copy);
    if (found.ok) return found;
  }
  return findEditsBy(outbox, save, clean);
}

async function findEditsBy(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<Found>> {
  const changes = await findChanges(outbox, save, index);
  if (!changes.ok) return changes;
  return done({ changes: changes.value, untracked: await listUntracked(outbox, index) });
}

function stageChanges(outbox: Outbox, changes: readonly Change[], index: string): Promise<Step<null>> {
  const isGone = ({ status }: Change): boolean => status === "D";
  const pathsOf = (chosen: readonly Change[]): readonly string[] => chosen.map(({ path }) => path);
  return stagePaths(outbox, index, {
    gone: pathsOf(changes.filter((change) => isGone(change))),
    present: pathsOf(changes.filter((change) => !isGone(change))),
  });
}

async function findChanges(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<readonly Change[]>> {
  const flags = ["--name-status", "-z", "--no-renames", "--ignore-submodules=all"];
  const command = { ...withIndex(outbox, index), encoding: "latin1" } as const;
  const ours = save.ours.map((folder) => Buffer.from(folder).toString("latin1"));
  const staged = await outbox.git.run(["diff-index", "--cached", ...flags, save.head, "--"], command);
  if (!staged.ok) return staged;
  const edited = await outbox.git.run(["diff-files", ...flags], command);
  if (!edited.ok) return edited;
  const changes = [...parseChanges(staged.value), ...parseChanges(edited.value)];
  // a half-done merge stands in the file with its markers, and nobody asked for those
  const unmerged = new Set(changes.filter(({ status }) => status === "U").map(({ path }) => path));
  const wanted = changes.filter(
    ({ path }) => !unmerged.has(path) && !ours.some((folder) => `${path}/`.startsWith(folder)),
  );
  return done([...new Map(wanted.map((change) => [change.path, change])).values()]);
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

function parseChanges(output: string): readonly Change[] {
  const fields = output.split("\0");
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [status = "", path = ""] = fields.slice(at, at + 2);
    changes.push({ status, path });
  }
  return changes;
}
