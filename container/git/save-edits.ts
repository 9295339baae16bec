/**
 * Commits what an agent edited and did not commit. The commit is made in the outbox, with the checkout as nothing but
 * a folder of files: no hook, filter, attribute driver or setting of the checkout's repository takes part.
 */

import { constants, createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Step, done } from "../process/step.ts";
import type { GitIdentity } from "./checkout.ts";
import type { GitCommand } from "./git.ts";
import { type Outbox, inOutbox } from "./outbox.ts";

export type SaveEdits = {
  /** The checked out commit, already collected into the outbox. */
  readonly head: string;
  readonly message: string;
  readonly identity: GitIdentity;
  /** Top-level folders whose changes are ours and not the agent's, as `path/`. */
  readonly ours: readonly string[];
};

/** `path` has a character for each byte: names of files are bytes, and need not be UTF-8. */
type Change = { readonly status: string; readonly path: string };

/** What of the checkout no commit of the agent's holds. */
export type Edits = {
  /** A new commit on top of `head` with the edits of tracked files; null where there are none. */
  readonly commit: string | null;
  /** Files that are neither tracked nor ignored, and stay where they are: how many, and the first few. */
  readonly untracked: { readonly count: number; readonly first: readonly string[] };
};

export async function saveEdits(outbox: Outbox, save: SaveEdits): Promise<Step<Edits>> {
  const clean = join(outbox.folder, "index-clean");
  const read = await outbox.git.run(["read-tree", "--reset", save.head], withIndex(outbox, clean));
  if (!read.ok) return read;
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
  if (await copyRegularFile(join(outbox.worktree, ".git", "index"), copy)) {
    const found = await findEditsBy(outbox, save, copy);
    if (found.ok) return found;
  }
  return findEditsBy(outbox, save, clean);
}

async function findEditsBy(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<Found>> {
  const changes = await findChanges(outbox, save, index);
  if (!changes.ok) return changes;
  const names = createNameCounter(20);
  await outbox.git.try(["ls-files", "-z", "--others", "--exclude-standard"], {
    ...withIndex(outbox, index),
    onStdout: names.write,
  });
  return done({ changes: changes.value, untracked: names.result() });
}

async function stageChanges(outbox: Outbox, changes: readonly Change[], index: string): Promise<Step<null>> {
  const isGone = ({ status }: Change): boolean => status === "D";
  const gone = changes.filter((change) => isGone(change));
  const present = changes.filter((change) => !isGone(change));
  // a deleted file may stand behind what is a link by this time, where git would not look for it
  for (const [flags, paths] of [
    [["--force-remove"], gone],
    [["--add", "--remove"], present],
  ] as const) {
    if (paths.length === 0) continue;
    const input = paths.map(({ path }) => `${path}\0`).join("");
    const args = ["update-index", ...flags, "-z", "--stdin"];
    const updated = await outbox.git.run(args, {
      ...withIndex(outbox, index),
      input,
      encoding: "latin1",
    });
    if (!updated.ok) return updated;
  }
  return done(null);
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
  const command = withIndex(outbox, index);
  const tree = await outbox.git.run(["write-tree"], command);
  if (!tree.ok) return tree;
  const before = await outbox.git.run(["rev-parse", "--verify", `${save.head}^{tree}`], inOutbox(outbox));
  if (!before.ok) return before;
  if (before.value.trim() === tree.value.trim()) return done(null);
  const { name, email } = save.identity;
  const committed = await outbox.git.run(["commit-tree", tree.value.trim(), "-p", save.head], {
    ...command,
    input: `${save.message}\n`,
    env: {
      ...command.env,
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    },
  });
  return committed.ok ? done(committed.value.trim()) : committed;
}

function withIndex(outbox: Outbox, index: string): GitCommand {
  const env = { GIT_DIR: outbox.folder, GIT_WORK_TREE: outbox.worktree, GIT_INDEX_FILE: index };
  return { ...inOutbox(outbox), cwd: outbox.worktree, env };
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

/** Some millions of files; more is no index, or one that takes longer to copy than to do without. */
const maxIndexBytes = 256 * 1024 * 1024;

/** False where there is no plain file of a bearable size; a link is not followed. */
async function copyRegularFile(from: string, to: string): Promise<boolean> {
  let file: FileHandle | null = null;
  try {
    file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxIndexBytes) return false;
    const bytes = file.createReadStream({ start: 0, end: maxIndexBytes - 1, autoClose: false });
    await pipeline(bytes, createWriteStream(to));
    return true;
  } catch {
    // no index, or something else in its place: the agent's repository is in a state we do not read
    return false;
  } finally {
    await file?.close();
  }
}

/** Counts NUL-ended names of any number, keeping the first few. */
function createNameCounter(keep: number) {
  const first: string[] = [];
  let count = 0;
  let rest = Buffer.alloc(0);
  return {
    write: (chunk: Uint8Array): void => {
      const bytes = Buffer.concat([rest, chunk]);
      let from = 0;
      for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, from)) {
        count += 1;
        if (first.length < keep) first.push(bytes.toString("utf8", from, at));
        from = at + 1;
      }
      rest = Buffer.from(bytes.subarray(from));
    },
    result: () => ({ count, first }),
  };
}
