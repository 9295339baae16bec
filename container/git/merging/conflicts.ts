/** What a merge stopped at, read into the outbox before the agent gets to work on it. */

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done, failed } from "../../process/step.ts";
import { type Entry, type StagedEntry, readIndexEntries, readUnmergedEntries } from "../entries.ts";
import type { Merge } from "./merge.ts";
import { createNulRecords } from "../nul-records.ts";
import type { Outbox } from "../outbox.ts";
import { type StagedPaths, copyCheckoutIndex, readTree, stagePaths, withIndex } from "../outbox-index.ts";

export type Conflict = {
  /** A character for each byte. */
  readonly path: string;
  readonly ancestor: Entry | null;
  readonly ours: Entry | null;
  readonly theirs: Entry | null;
  /** What the merge left in the folder; null where it left no file. */
  readonly left: Entry | null;
  /** How many characters of a kind a marker has. */
  readonly markerSize: number;
};

export type OpenMerge = Pick<Merge, "branchHead" | "baseHead"> & {
  readonly conflicts: readonly Conflict[];
  /** A copy of the checkout's index as the merge left it. */
  readonly index: string;
};

const usualMarkerSize = 7;

export async function readConflicts(outbox: Outbox, merge: Merge): Promise<Step<OpenMerge>> {
  const index = join(outbox.folder, "index-merged");
  if (!(await copyCheckoutIndex(outbox, index))) return failed("git", "the merge left no index to read");
  const unmerged = await readUnmergedEntries(outbox, withIndex(outbox, index));
  if (!unmerged.ok) return unmerged;
  const paths = [...new Set(unmerged.value.map(({ path }) => path))];
  const left = await readLeft(outbox, merge.branchHead, paths);
  if (!left.ok) return left;
  const sizes = await readMarkerSizes(outbox, index, paths);
  if (!sizes.ok) return sizes;
  const sides = groupSides(unmerged.value);
  const conflicts = paths.map((path): Conflict => {
    const at = (stage: number): Entry | null => sides.get(path)?.get(stage) ?? null;
    return {
      path,
      ancestor: at(1),
      ours: at(2),
      theirs: at(3),
      left: left.value.get(path) ?? null,
      markerSize: sizes.value.get(path) ?? usualMarkerSize,
    };
  });
  return done({ branchHead: merge.branchHead, baseHead: merge.baseHead, conflicts, index });
}

/** Which of these are files or links of the checkout itself; one behind a link is none. */
export async function sortPaths(outbox: Outbox, paths: readonly string[]): Promise<StagedPaths> {
  const present: string[] = [];
  const gone: string[] = [];
  for (const path of paths) {
    if (await isFileOrLink(outbox.worktree, path)) present.push(path);
    else gone.push(path);
  }
  return { present, gone };
}

async function isFileOrLink(worktree: string, path: string): Promise<boolean> {
  const segments = path.split("/");
  for (let length = 1; length <= segments.length; length += 1) {
    const inside = Buffer.from(`/${segments.slice(0, length).join("/")}`, "latin1");
    const found = await lstat(Buffer.concat([Buffer.from(worktree), inside])).catch(() => null);
    if (length === segments.length) return found?.isFile() === true || found?.isSymbolicLink() === true;
    if (found?.isDirectory() !== true) return false;
  }
  return false;
}

/** The files as the merge left them, as objects of the outbox. */
async function readLeft(
  outbox: Outbox,
  head: string,
  paths: readonly string[],
): Promise<Step<ReadonlyMap<string, Entry>>> {
  const index = await readTree(outbox, "index-left", head);
  if (!index.ok) return index;
  const staged = await stagePaths(outbox, index.value, await sortPaths(outbox, paths));
  if (!staged.ok) return staged;
  const wanted = new Set(paths);
  return readIndexEntries(outbox, withIndex(outbox, index.value), (path) => wanted.has(path));
}

/** A repository may ask for longer markers where its files have lines that look like the usual ones. */
async function readMarkerSizes(
  outbox: Outbox,
  index: string,
  paths: readonly string[],
): Promise<Step<ReadonlyMap<string, number>>> {
  const fields: string[] = [];
  const asked = await outbox.git.run(["check-attr", "-z", "--stdin", "conflict-marker-size"], {
    ...withIndex(outbox, index),
    input: paths.map((path) => `${path}\0`).join(""),
    encoding: "latin1",
    onStdout: createNulRecords((field) => fields.push(field)),
  });
  if (!asked.ok) return asked;
  const sizes = new Map<string, number>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", , value = ""] = fields.slice(at, at + 3);
    const size = Number(value);
    if (Number.isInteger(size) && size > 0 && size <= 200) sizes.set(path, size);
  }
  return done(sizes);
}

function groupSides(entries: readonly StagedEntry[]): ReadonlyMap<string, ReadonlyMap<number, Entry>> {
  const sides = new Map<string, Map<number, Entry>>();
  for (const { path, stage, entry } of entries) {
    sides.set(path, (sides.get(path) ?? new Map<number, Entry>()).set(stage, entry));
  }
  return sides;
}
