/**
 * Trees made in the outbox with the checkout as nothing but a folder of files. Every path is held with a character for
 * each byte: names of files are bytes, and need not be UTF-8.
 */

import { constants, createWriteStream } from "node:fs";
import { type FileHandle, open, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ProcessEnd } from "../process.ts";
import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import type { GitIdentity } from "./checkout.ts";
import { type CheckoutOwner, runAsOwner } from "./checkout-owner.ts";
import type { Entry } from "./entries.ts";
import { type GitCommand, gitFailure } from "./git.ts";
import { type Outbox, inOutbox } from "./outbox.ts";

/** A checkout that changed hands has other times than its index knows, so every file of it may have to be read. */
const allFilesMs = 300_000;

/** A command over an index file in the outbox, without any file of the checkout. */
export function overIndex(outbox: Outbox, index: string): GitCommand {
  // git refuses some of these commands without a work tree; the repository itself is one without files
  const env = { GIT_DIR: outbox.folder, GIT_WORK_TREE: outbox.folder, GIT_INDEX_FILE: index };
  return { ...inOutbox(outbox), env, timeoutMs: allFilesMs };
}

/** A command over an index file and the files of the checkout, with the rights of the checkout's owner in any case. */
export function withIndex(outbox: Outbox, index: string): GitCommand {
  const env = { GIT_DIR: outbox.folder, GIT_WORK_TREE: outbox.worktree, GIT_INDEX_FILE: index };
  const user = outbox.owner?.user ?? null;
  return { ...inOutbox(outbox), cwd: outbox.worktree, env, user, timeoutMs: allFilesMs };
}

/** An index file of the outbox with exactly the files of a tree. */
export async function readTree(outbox: Outbox, name: string, tree: string): Promise<Step<string>> {
  const index = join(outbox.folder, name);
  const read = await outbox.git.run(["read-tree", "--reset", tree], overIndex(outbox, index));
  return read.ok ? done(index) : read;
}

export type StagedPaths = {
  /** Read from the checkout. */
  readonly present: readonly string[];
  readonly gone: readonly string[];
};

export async function stagePaths(outbox: Outbox, index: string, paths: StagedPaths): Promise<Step<null>> {
  for (const [flags, names] of [
    [goneFlags, paths.gone],
    [presentFlags, paths.present],
  ] as const) {
    const end = await updateIndex(outbox, index, flags, names);
    if (end !== null && !isSuccess(end.exit)) return gitFailure(["update-index", ...flags], end);
  }
  return done(null);
}

// a deleted file may stand behind what is a link by this time, where git would not look for it
const goneFlags = ["--force-remove"] as const;
export const presentFlags = ["--add", "--remove"] as const;

/** Stages all of these paths or none; null where there is none. */
export async function updateIndex(
  outbox: Outbox,
  index: string,
  flags: typeof goneFlags | typeof presentFlags,
  names: readonly string[],
): Promise<ProcessEnd | null> {
  if (names.length === 0) return null;
  return outbox.git.try(["update-index", ...flags, "-z", "--stdin"], {
    ...withIndex(outbox, index),
    input: names.map((path) => `${path}\0`).join(""),
    encoding: "latin1",
  });
}

/** Puts entries into an index without looking at any file. */
export async function setEntries(
  outbox: Outbox,
  index: string,
  entries: ReadonlyMap<string, Entry>,
): Promise<Step<null>> {
  if (entries.size === 0) return done(null);
  const set = await outbox.git.run(["update-index", "-z", "--index-info"], {
    ...overIndex(outbox, index),
    input: [...entries].map(([path, { mode, object }]) => `${mode} ${object}\t${path}\0`).join(""),
    encoding: "latin1",
  });
  return set.ok ? done(null) : set;
}

export async function writeTree(outbox: Outbox, index: string): Promise<Step<string>> {
  const tree = await outbox.git.run(["write-tree"], overIndex(outbox, index));
  return tree.ok ? done(tree.value.trim()) : tree;
}

export async function treeOf(outbox: Outbox, commit: string): Promise<Step<string>> {
  const tree = await outbox.git.run(["rev-parse", "--verify", `${commit}^{tree}`], inOutbox(outbox));
  return tree.ok ? done(tree.value.trim()) : tree;
}

export type NewCommit = {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly identity: GitIdentity;
};

export async function commitTree(outbox: Outbox, commit: NewCommit): Promise<Step<string>> {
  const { name, email } = commit.identity;
  const { env, ...command } = inOutbox(outbox);
  const parents = commit.parents.flatMap((parent) => ["-p", parent]);
  const committed = await outbox.git.run(["commit-tree", commit.tree, ...parents], {
    ...command,
    input: `${commit.message}\n`,
    env: {
      ...env,
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    },
  });
  return committed.ok ? done(committed.value.trim()) : committed;
}

/** Some millions of files; more is no index, or one that takes longer to copy than to do without. */
const maxIndexBytes = 256 * 1024 * 1024;

/** False where the checkout has no plain index of a bearable size; a link is not followed. */
export function copyCheckoutIndex(outbox: Outbox, to: string): Promise<boolean> {
  const from = join(outbox.worktree, ".git", "index");
  return outbox.owner === null ? copyIndex(from, to) : copyIndexAsOwner(outbox.owner, from, to);
}

async function copyIndexAsOwner(owner: CheckoutOwner, from: string, to: string): Promise<boolean> {
  // of the same age as by the other way, to the second
  const script = `test -f "$1" && test ! -L "$1" && test "$(stat -c %s "$1")" -le "$3" &&
cp -- "$1" "$2" && touch -d "@$(stat -c %Y "$1")" "$2"`;
  const { exit } = await runAsOwner(owner, script, [from, to, String(maxIndexBytes)]);
  return isSuccess(exit);
}

async function copyIndex(from: string, to: string): Promise<boolean> {
  let file: FileHandle | null = null;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    file = await open(from, flags);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxIndexBytes) return false;
    const bytes = file.createReadStream({ start: 0, end: maxIndexBytes - 1, autoClose: false });
    await pipeline(bytes, createWriteStream(to));
    // git looks closely at files that are no older than their index, and this one is younger than the agent's
    const second = Math.floor(stat.mtimeMs / 1000);
    await utimes(to, second, second);
    return true;
  } catch {
    // no index, or something else in its place: the agent's repository is in a state we do not read
    return false;
  } finally {
    await file?.close();
  }
}

/**
 * A copy of the agent's own index, which knows what it staged and which files it has not touched; null where there is
 * none that git can read.
 */
export async function copyReadableIndex(outbox: Outbox): Promise<string | null> {
  const copy = join(outbox.folder, "index-theirs");
  if (!(await copyCheckoutIndex(outbox, copy))) return null;
  const read = await outbox.git.try(["ls-files", "--unmerged"], {
    ...withIndex(outbox, copy),
    onStdout: () => undefined,
  });
  return isSuccess(read.exit) ? copy : null;
}
