/**
 * An agent that makes the repository anew, or amends the one commit that a shallow checkout has, leaves a history of its
 * own: no pull request can be made of it, and its files are put on the commit that the agent began with. One that
 * rewrites what the branch had, or works from an older commit, leaves what cannot be pushed without undoing that: there
 * its changes are merged in.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { sortPaths } from "./merging/conflicts.ts";
import { type Entry, gitlinkMode, listChanges } from "./entries.ts";
import { type Outbox, inOutbox, isAncestor } from "./outbox.ts";
import { readTree, setEntries, treeOf, writeTree } from "./outbox-index.ts";

/**
 * A commit with the files and words of `tip` on `start`, where the two have nothing in common; the same each time. Else
 * `tip` itself, and `start` where the files are the same.
 */
export async function joinHistory(outbox: Outbox, tip: string, start: string): Promise<Step<string>> {
  if (tip === start || !(await isUnrelated(outbox, tip, start))) return done(tip);
  const tree = await makeJoinedTree(outbox, tip, start);
  if (!tree.ok) return tree;
  const before = await treeOf(outbox, start);
  if (!before.ok) return before;
  return tree.value === before.value
    ? done(start)
    : copyOnto(outbox, tip, { tree: tree.value, parent: start });
}

/**
 * For a commit that does not contain `kept`: one on `start` with its words and what it changed. Itself where that
 * conflicts with what the branch has, or is nothing.
 */
export async function keepHistory(
  outbox: Outbox,
  commit: string,
  { kept, start }: { readonly kept: string | null; readonly start: string },
): Promise<Step<string>> {
  if (kept === null || (await isAncestor(outbox, kept, commit))) return done(commit);
  const merged = await outbox.git.try(["merge-tree", "--write-tree", start, commit], inOutbox(outbox));
  if (!isSuccess(merged.exit)) return done(commit);
  const tree = merged.stdout.trim();
  const before = await treeOf(outbox, start);
  if (!before.ok) return before;
  return tree === before.value ? done(commit) : copyOnto(outbox, commit, { tree, parent: start });
}

async function isUnrelated(outbox: Outbox, tip: string, start: string): Promise<boolean> {
  const common = await outbox.git.try(["merge-base", start, tip], inOutbox(outbox));
  // 1: there is none, as far as the outbox knows
  if (common.exit.kind !== "exited" || common.exit.code !== 1) return false;
  const roots = await outbox.git.run(["rev-list", "--max-parents=0", tip], inOutbox(outbox));
  if (!roots.ok) return false;
  const shallow = await readFile(join(outbox.folder, "shallow"), "utf8").catch(() => "");
  const boundary = new Set(shallow.split("\n"));
  // what goes on behind a boundary may meet there
  return roots.value
    .trim()
    .split("\n")
    .every((root) => !boundary.has(root));
}

/**
 * Who adds everything to a repository made anew leaves out what is tracked and ignored all the same, and submodules: what
 * still stands in the checkout was not taken away.
 */
async function makeJoinedTree(outbox: Outbox, tip: string, start: string): Promise<Step<string>> {
  const changes = await listChanges(outbox, ["diff-tree", "-r", start, tip, "--"], inOutbox(outbox));
  if (!changes.ok) return changes;
  const missing = new Map<string, Entry>();
  for (const { status, path, before } of changes.value) {
    if (status === "D" && before !== null) missing.set(path, before);
  }
  const standing = new Set((await sortPaths(outbox, [...missing.keys()])).present);
  const left = [...missing].filter(([path, { mode }]) => mode === gitlinkMode || standing.has(path));
  if (left.length === 0) return treeOf(outbox, tip);
  const index = await readTree(outbox, "index-joined", tip);
  if (!index.ok) return index;
  const set = await setEntries(outbox, index.value, new Map(left));
  return set.ok ? writeTree(outbox, index.value) : set;
}

/** A commit is its tree and parents, who made it when, and what they said; a signature would not hold. */
async function copyOnto(
  outbox: Outbox,
  commit: string,
  { tree, parent }: { readonly tree: string; readonly parent: string },
): Promise<Step<string>> {
  const read = await outbox.git.run(["cat-file", "commit", commit], {
    ...inOutbox(outbox),
    encoding: "latin1",
  });
  if (!read.ok) return read;
  const end = read.value.indexOf("\n\n");
  const lines = read.value.slice(0, end).split("\n");
  const keep = (name: string): readonly string[] => lines.filter((line) => line.startsWith(`${name} `));
  const header = [
    `tree ${tree}`,
    `parent ${parent}`,
    ...keep("author"),
    ...keep("committer"),
    ...keep("encoding"),
  ];
  const written = await outbox.git.run(["hash-object", "-t", "commit", "-w", "--stdin"], {
    ...inOutbox(outbox),
    input: header.join("\n") + read.value.slice(end),
    encoding: "latin1",
  });
  return written.ok ? done(written.value.trim()) : written;
}
