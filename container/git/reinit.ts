/**
 * A history that begins anew, with the files of a folder and nothing of any repository in it: the tree is made in the
 * outbox, where no hook, filter or setting of the agent's takes part.
 */

import { join } from "node:path";
import { rm } from "node:fs/promises";
import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { sortPaths } from "./merging/conflicts.ts";
import { gitFailure } from "./git.ts";
import { createNulRecords } from "./nul-records.ts";
import type { Outbox } from "./outbox.ts";
import { stagePaths, withIndex, writeTree } from "./outbox-index.ts";

export type FolderTree = {
  /** Null where there is no file at all. */
  readonly tree: string | null;
  /** Git's words on files that it could not take. */
  readonly complaints: readonly string[];
};

export type FolderRequest = {
  /** An index file that knows which files count although they are ignored; null where there is none. */
  readonly tracked: string | null;
  /** Paths from the folder's root that are not the folder's own; a folder ends in a slash. */
  readonly ours: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** All files that are not ignored, and those that were tracked all the same. Links stay links. */
export async function makeFolderTree(outbox: Outbox, request: FolderRequest): Promise<Step<FolderTree>> {
  const { tracked, ours, timeoutMs, signal } = request;
  const index = join(outbox.folder, "index-folder");
  await rm(index, { force: true });
  const command = { ...withIndex(outbox, index), timeoutMs, signal };
  const args = ["add", "--all", "--ignore-errors"];
  const added = await outbox.git.try(args, command);
  // 1: some files could not be added, and the others were
  const isPartial = added.exit.kind === "exited" && added.exit.code === 1;
  if (!isSuccess(added.exit) && !isPartial) return gitFailure(args, added);
  if (tracked !== null) {
    const paths = await listIgnored(outbox, tracked);
    const staged = await stagePaths(outbox, index, { ...(await sortPaths(outbox, paths)), gone: [] });
    if (!staged.ok) return staged;
  }
  // what stands in the place of a folder of ours goes with it
  const names = ours.map((path) => path.replace(/\/$/, ""));
  const removal = ["rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--", ...names];
  const removed = await outbox.git.run(removal, command);
  if (!removed.ok) return removed;
  const tree = await writeTree(outbox, index);
  if (!tree.ok) return tree;
  const listing = ["ls-tree", tree.value];
  let hasFiles = false;
  const listed = await outbox.git.try(listing, { ...command, onStdout: () => (hasFiles = true) });
  if (!isSuccess(listed.exit)) return gitFailure(listing, listed);
  const complaints = isPartial ? added.stderrLines : [];
  return done({ tree: hasFiles ? tree.value : null, complaints });
}

/** Ignored files that an index has all the same; none where it cannot be read. */
async function listIgnored(outbox: Outbox, index: string): Promise<readonly string[]> {
  const paths: string[] = [];
  await outbox.git.try(["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"], {
    ...withIndex(outbox, index),
    onStdout: createNulRecords((path) => paths.push(path)),
  });
  return paths;
}
