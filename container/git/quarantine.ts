/**
 * Git that looks at the files of a checkout of somebody else's. It works as that user, in a bare repository of theirs
 * that is made for one look, and only the objects it names come over to the outbox: by the way all their work comes.
 */

import { copyFile, mkdir, mkdtemp, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { handOver } from "../process/hand-over.ts";
import { type Step, done, failed } from "../process/step.ts";
import { removeFolder } from "../registry/folder.ts";
import type { CheckoutOwner } from "./checkout-owner.ts";
import { type Git, localGitMs } from "./git.ts";
import { type Outbox, collectFromOutbox, collectObject } from "./outbox.ts";

export type Look<Found> = {
  /** Index files of the outbox that are needed; they have the same names in the repository of the look. */
  readonly indexes?: readonly string[];
  /** A commit of the outbox that the checkout need not have. */
  readonly commit?: string | undefined;
  /** Git over the files of the checkout, at the place of `at`. */
  readonly look: (at: Outbox) => Promise<Step<Found>>;
  /** The object that was made; null where there is none. */
  readonly toObject: (found: Found) => string | null;
};

/** Where the system's own programs are. */
const programs = "/usr/local/bin:/usr/bin:/bin";

/**
 * Looks with the rights of the checkout's owner; in the outbox itself where that is the harness's own user. What the file
 * system refuses, as a full disk does, is a failure and no rejection: commits need not be lost with what cannot be read.
 */
export async function lookAtFiles<Found>(outbox: Outbox, options: Look<Found>): Promise<Step<Found>> {
  const { owner } = outbox;
  try {
    return owner === null ? await options.look(outbox) : await lookAsOwner(outbox, owner, options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed("git", `the files of the checkout could not be read: ${why}`);
  }
}

async function lookAsOwner<Found>(
  outbox: Outbox,
  owner: CheckoutOwner,
  options: Look<Found>,
): Promise<Step<Found>> {
  const folder = await mkdtemp(join(owner.passage, "look-"));
  try {
    const made = await makeRepository(outbox, owner, { ...options, folder });
    if (!made.ok) return made;
    const found = await options.look({ ...outbox, folder, git: asOwner(outbox.git, owner) });
    if (!found.ok) return found;
    const object = options.toObject(found.value);
    if (object === null) return found;
    // what a process of theirs says goes into commands of ours
    if (!/^[0-9a-f]{40,64}$/.test(object))
      return failed("git", "the files of the checkout were read as no object");
    const collected = await collectObject(outbox, { repository: folder, object });
    return collected.ok ? found : collected;
  } finally {
    // what cannot be removed goes with the job's folder, and takes nothing that was found with it
    await removeFolder(folder).catch(() => undefined);
  }
}

/** Everything the harness writes there is written while nobody else may come in. */
async function makeRepository(
  outbox: Outbox,
  { user }: CheckoutOwner,
  { folder, indexes = [], commit }: Pick<Look<unknown>, "indexes" | "commit"> & { readonly folder: string },
): Promise<Step<null>> {
  const made = await outbox.git.run(["init", "-q", "--bare", folder], {
    cwd: folder,
    timeoutMs: localGitMs,
  });
  if (!made.ok) return made;
  // first, since a repository that borrows from the checkout is for nobody but its owner to open
  if (commit !== undefined) {
    const brought = await collectFromOutbox(outbox, { repository: folder, object: commit });
    if (!brought.ok) return brought;
  }
  const objects = join(outbox.worktree, ".git", "objects");
  await writeFile(join(folder, "objects", "info", "alternates"), `${objects}\n`);
  await mkdir(join(folder, "info"), { recursive: true });
  for (const name of ["shallow", join("info", "exclude")]) {
    // absent where the history is whole, and where nothing is excluded
    await copyFile(join(outbox.folder, name), join(folder, name)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }
  for (const index of indexes) {
    const copy = join(folder, basename(index));
    await copyFile(index, copy);
    // by its age git knows which files it has to look at closely
    const { atime, mtime } = await stat(index);
    await utimes(copy, atime, mtime);
  }
  await handOver([folder], { user, env: { PATH: programs } });
  return done(null);
}

function asOwner(git: Git, { user }: CheckoutOwner): Git {
  return {
    ...git,
    try: (args, command) => git.try(args, { ...command, user }),
    run: (args, command) => git.run(args, { ...command, user }),
  };
}
