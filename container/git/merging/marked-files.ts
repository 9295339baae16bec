/** Files of a commit in which a conflict is still marked, told apart from lines that only look like markers. */

import { type Step, done } from "../../process/step.ts";
import { type MarkedBlob, type Markers, countMarkers, noMarkers } from "./conflict-markers.ts";
import type { Conflict, OpenMerge } from "./conflicts.ts";
import { type Entry, listChanges, readTreeEntries } from "../entries.ts";
import type { Outbox } from "../outbox.ts";
import { overIndex } from "../outbox-index.ts";

/**
 * Looks at every file that is neither what git merged by itself nor what one of the sides has. Paths have a character
 * for each byte.
 */
export async function findMarked(
  outbox: Outbox,
  merge: OpenMerge,
  commit: string,
): Promise<Step<readonly string[]>> {
  const made = await listChanges(
    outbox,
    ["diff-index", "--cached", "--ignore-submodules=all", commit, "--"],
    overIndex(outbox, merge.index),
  );
  if (!made.ok) return made;
  const conflicts = new Map(merge.conflicts.map((conflict) => [conflict.path, conflict]));
  const paths = new Set([...conflicts.keys(), ...made.value.map(({ path }) => path)]);
  const isWanted = (path: string): boolean => paths.has(path);
  const [result, branch, base] = await Promise.all([
    readTreeEntries(outbox, commit, isWanted),
    readTreeEntries(outbox, merge.branchHead, isWanted),
    readTreeEntries(outbox, merge.baseHead, isWanted),
  ]);
  if (!result.ok) return result;
  if (!branch.ok) return branch;
  if (!base.ok) return base;
  const suspects: Suspect[] = [];
  for (const [path, entry] of result.value) {
    const sides = [branch.value.get(path) ?? null, base.value.get(path) ?? null] as const;
    const isTaken = sides.some((side) => side?.object === entry.object);
    if (!isTaken && isFile(entry)) suspects.push(toSuspect({ path, entry, sides }, conflicts.get(path)));
  }
  return judge(outbox, suspects);
}

type Suspect = {
  readonly path: string;
  readonly blob: Entry;
  readonly ours: Entry | null;
  readonly theirs: Entry | null;
  readonly ancestor: Entry | null;
  readonly isConflict: boolean;
  readonly markerSize: number;
};

type Found = {
  readonly path: string;
  readonly entry: Entry;
  readonly sides: readonly [ours: Entry | null, theirs: Entry | null];
};

function toSuspect({ path, entry, sides }: Found, conflict: Conflict | undefined): Suspect {
  return {
    path,
    blob: entry,
    ours: conflict === undefined ? sides[0] : conflict.ours,
    theirs: conflict === undefined ? sides[1] : conflict.theirs,
    ancestor: conflict?.ancestor ?? null,
    isConflict: conflict !== undefined,
    markerSize: conflict?.markerSize ?? 7,
  };
}

async function judge(outbox: Outbox, suspects: readonly Suspect[]): Promise<Step<readonly string[]>> {
  const blobs = suspects.flatMap(({ blob, ours, theirs, ancestor, markerSize }) =>
    [blob, ours, theirs, ancestor].map((entry) => toBlob(entry, markerSize)),
  );
  const asked = blobs.filter((blob) => blob !== null);
  const counted = await countMarkers(outbox, asked);
  if (!counted.ok) return counted;
  const answers = counted.value[Symbol.iterator]();
  const counts = blobs.map((blob) => (blob === null ? noMarkers : (answers.next().value ?? noMarkers)));
  const marked = suspects.filter(({ isConflict }, at) => {
    const [found = noMarkers, ours = noMarkers, theirs = noMarkers, ancestor = noMarkers] = counts.slice(
      4 * at,
      4 * at + 4,
    );
    const excess = (kind: keyof Markers): boolean =>
      found[kind] > most(ours[kind], theirs[kind], ancestor[kind]);
    if (isConflict) return excess("open") || excess("middle") || excess("close") || excess("ancestor");
    // elsewhere a line alone is an underlined heading sooner than the rest of a conflict
    return excess("open") && excess("middle") && excess("close");
  });
  return done(marked.map(({ path }) => path));
}

/** How many such lines a file can have that keeps what both sides have: those they share are there once. */
function most(ours: number, theirs: number, ancestor: number): number {
  return Math.max(ours, theirs, ours + theirs - ancestor);
}

function toBlob(entry: Entry | null, markerSize: number): MarkedBlob | null {
  return entry !== null && isFile(entry) ? { object: entry.object, markerSize } : null;
}

function isFile({ mode }: Entry): boolean {
  return mode === "100644" || mode === "100755";
}
