/**
 * A commit and its own attributes can disagree: on line ends, on `$Id$`, on an encoding. Git takes such a file for
 * changed as soon as somebody looks at it, although nobody touched it.
 */

import { lstat, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import { type Change, isSameEntry, listChanges, readIndexEntries } from "./entries.ts";
import { runAsOwner } from "./checkout-owner.ts";
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
  const folder = join(outbox.folder, "fresh");
  if (outbox.owner === null) await mkdir(folder);
  else await runAsOwner(outbox.owner, 'exec mkdir -- "$1"', [folder]);
  try {
    const fresh = { ...outbox, worktree: folder };
    const unedited = await findUnedited(outbox, fresh, { head, candidates });
    if (!unedited.ok) return unedited;
    const before = unedited.value.flatMap((change) =>
      change.before === null ? [] : [[change.path, change.before] as const],
    );
    return await setEntries(outbox, index, new Map(before));
  } finally {
    // one of somebody else's goes with all of their repository
    if (outbox.owner === null) await rm(folder, { recursive: true, force: true });
  }
}

/** Contents of files alone are converted: no links, and no modes. */
function isConvertible({ status, before, after }: Change): boolean {
  return status === "M" && before?.mode === after?.mode && before?.mode.startsWith("100") === true;
}

/** The files that git has itself just written, and would take for changed; `fresh` has an empty folder for them. */
async function findUnedited(
  outbox: Outbox,
  fresh: Outbox,
  { head, candidates }: { readonly head: string; readonly candidates: readonly Change[] },
): Promise<Step<readonly Change[]>> {
  const paths = candidates.map(({ path }) => path);
  const index = await readTree(fresh, "index-fresh", head);
  if (!index.ok) return index;
  const command = withIndex(fresh, index.value);
  const written = await fresh.git.run(["checkout-index", "--force", "-z", "--stdin"], {
    ...command,
    input: paths.map((path) => `${path}\0`).join(""),
    encoding: "latin1",
  });
  if (!written.ok) return written;
  const staged = await stagePaths(fresh, index.value, { present: paths, gone: [] });
  if (!staged.ok) return staged;
  const wanted = new Set(paths);
  const entries = await readIndexEntries(fresh, command, (path) => wanted.has(path));
  if (!entries.ok) return entries;
  const unedited: Change[] = [];
  for (const change of candidates) {
    const isSame = isSameEntry(entries.value.get(change.path) ?? null, change.after);
    // who converted the very line ends at stake did edit the file, and gave it another length
    if (isSame && (await sizeOf(fresh, change)) === (await sizeOf(outbox, change))) unedited.push(change);
  }
  return done(unedited);
}

async function sizeOf({ worktree }: Outbox, { path }: Change): Promise<number | null> {
  const file = Buffer.concat([Buffer.from(`${worktree}/`), Buffer.from(path, "latin1")]);
  const stat = await lstat(file).catch(() => null);
  return stat?.isFile() === true ? stat.size : null;
}
