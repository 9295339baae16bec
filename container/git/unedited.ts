/**
 * A commit and its own attributes can disagree: on line ends, on `$Id$`, on an encoding. Git takes such a file for
 * changed as soon as somebody looks at it, although nobody touched it.
 */

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import { type Change, type Entry, isSameEntry, listChanges, readIndexEntries } from "./entries.ts";
import type { Outbox } from "./outbox.ts";
import { readTree, setEntries, stagePaths, withIndex } from "./outbox-index.ts";

/** Takes out of an index what a fresh checkout of `head` would have brought into it as well, but for paths in `kept`. */
export async function dropUnedited(
  outbox: Outbox,
  index: string,
  { head, kept }: { readonly head: string; readonly kept: ReadonlySet<string> },
): Promise<Step<null>> {
  const changed = await listChanges(outbox, ["diff-index", "--cached", head, "--"], withIndex(outbox, index));
  if (!changed.ok) return changed;
  const candidates = changed.value.filter((change) => isConvertible(change) && !kept.has(change.path));
  if (candidates.length === 0) return done(null);
  const fresh = await checkOutAndStage(
    outbox,
    head,
    candidates.map(({ path }) => path),
  );
  if (!fresh.ok) return fresh;
  const unedited = candidates.filter(({ path, after }) => isSameEntry(fresh.value.get(path) ?? null, after));
  const before = unedited.flatMap((change) =>
    change.before === null ? [] : [[change.path, change.before] as const],
  );
  return setEntries(outbox, index, new Map(before));
}

/** Contents of files alone are converted: no links, and no modes. */
function isConvertible({ status, before, after }: Change): boolean {
  return status === "M" && before?.mode === after?.mode && before?.mode.startsWith("100") === true;
}

/** What git makes of files that it has itself just written. */
async function checkOutAndStage(
  outbox: Outbox,
  head: string,
  paths: readonly string[],
): Promise<Step<ReadonlyMap<string, Entry>>> {
  const folder = join(outbox.folder, "fresh");
  await mkdir(folder);
  try {
    const apart = { ...outbox, worktree: folder };
    const index = await readTree(apart, "index-fresh", head);
    if (!index.ok) return index;
    const command = withIndex(apart, index.value);
    const written = await outbox.git.run(["checkout-index", "--force", "-z", "--stdin"], {
      ...command,
      input: paths.map((path) => `${path}\0`).join(""),
      encoding: "latin1",
    });
    if (!written.ok) return written;
    const staged = await stagePaths(apart, index.value, { present: paths, gone: [] });
    if (!staged.ok) return staged;
    const wanted = new Set(paths);
    return await readIndexEntries(apart, command, (path) => wanted.has(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
