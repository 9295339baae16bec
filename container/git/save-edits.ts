/**
 * Commits what an agent edited and did not commit. The commit is made in the outbox, with the checkout as nothing but
 * a folder of files: no hook, filter, attribute driver or setting of the checkout's repository takes part.
 */

import { constants } from "node:fs";
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isSuccess } from "../process/exit.ts";
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

type Change = { readonly status: string; readonly path: string };

/** The new commit on top of `head`, or null where no tracked file differs from it. Untracked files stay where they are. */
export async function saveEdits(outbox: Outbox, save: SaveEdits): Promise<Step<string | null>> {
  const indexes = await readIndexes(outbox, save.head);
  if (!indexes.ok) return indexes;
  const { theirs, clean } = indexes.value;
  const changes = await findChanges(outbox, save, theirs);
  if (!changes.ok) return changes;
  if (changes.value.length === 0) return done(null);
  const isGone = ({ status }: Change): boolean => status === "D";
  const gone = changes.value.filter((change) => isGone(change));
  const present = changes.value.filter((change) => !isGone(change));
  // a deleted file may stand behind what is a link by this time, where git would not look for it
  for (const [flags, paths] of [
    [["--force-remove"], gone],
    [["--add", "--remove"], present],
  ] as const) {
    const input = paths.map(({ path }) => `${path}\0`).join("");
    const args = ["update-index", ...flags, "-z", "--stdin"];
    const updated = await outbox.git.run(args, { ...withIndex(outbox, clean), input });
    if (!updated.ok) return updated;
  }
  return commitIndex(outbox, save, clean);
}

/** Untracked files that no ignore rule covers: how many, and the first few. */
export async function listUntracked(
  outbox: Outbox,
  head: string,
): Promise<{ readonly count: number; readonly first: readonly string[] }> {
  const indexes = await readIndexes(outbox, head);
  if (!indexes.ok) return { count: 0, first: [] };
  const names = createNameCounter(20);
  await outbox.git.try(["ls-files", "-z", "--others", "--exclude-standard"], {
    ...withIndex(outbox, indexes.value.theirs),
    onStdout: names.write,
  });
  return names.result();
}

/**
 * Two index files of ours: a copy of the agent's, which knows what it staged and which files it has not touched, and
 * one of `head` alone, which becomes the commit. A copy that cannot be had or used is replaced by the latter.
 */
async function readIndexes(outbox: Outbox, head: string): Promise<Step<{ theirs: string; clean: string }>> {
  const theirs = join(outbox.folder, "index-theirs");
  const clean = join(outbox.folder, "index-clean");
  for (const index of [clean, theirs]) {
    const read = await outbox.git.run(["read-tree", "--reset", head], withIndex(outbox, index));
    if (!read.ok) return read;
  }
  const copied = await copyRegularFile(join(outbox.worktree, ".git", "index"), theirs);
  const isUsable =
    copied &&
    isSuccess(
      (
        await outbox.git.try(["ls-files", "-z", "--stage"], {
          ...withIndex(outbox, theirs),
          onStdout: () => undefined,
        })
      ).exit,
    );
  return done({ theirs: isUsable ? theirs : clean, clean });
}

async function findChanges(outbox: Outbox, save: SaveEdits, index: string): Promise<Step<readonly Change[]>> {
  const flags = ["--name-status", "-z", "--no-renames", "--ignore-submodules=all"];
  const command = withIndex(outbox, index);
  const staged = await outbox.git.run(["diff-index", "--cached", ...flags, save.head, "--"], command);
  if (!staged.ok) return staged;
  const edited = await outbox.git.run(["diff-files", ...flags], command);
  if (!edited.ok) return edited;
  const changes = [...parseChanges(staged.value), ...parseChanges(edited.value)];
  // a half-done merge stands in the file with its markers, and nobody asked for those
  const unmerged = new Set(changes.filter(({ status }) => status === "U").map(({ path }) => path));
  const wanted = changes.filter(
    ({ path }) => !unmerged.has(path) && !save.ours.some((folder) => `${path}/`.startsWith(folder)),
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
    ...inOutbox(outbox),
    input: `${save.message}\n`,
    env: {
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

/** False where there is no plain file; a link is not followed. */
async function copyRegularFile(from: string, to: string): Promise<boolean> {
  let file: FileHandle | null = null;
  try {
    file = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return false;
    await writeFile(to, await file.readFile());
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
