/** Brings what an agent changed into an index of the outbox that has the files of the checked out commit. */

import { type Step, done } from "../process/step.ts";
import { type Change, type Entry, gitlinkMode, listChanges } from "./entries.ts";
import type { Outbox } from "./outbox.ts";
import { setEntries, stagePaths, withIndex } from "./outbox-index.ts";
import { stageTakeable } from "./takeable.ts";
import { dropUnedited } from "./unedited.ts";

export type FoundChanges = {
  /** One for each path. */
  readonly changes: readonly Change[];
  /** What the agent's index has with another content than the commit. */
  readonly stagedPaths: ReadonlySet<string>;
  /** Conflicts that nobody staged: these files stand there with their markers, and are no changes. */
  readonly unmerged: ReadonlySet<string>;
};

/** What an index and the files of the checkout have beyond a commit; `ours` is no work of the agent's, as `path/`. */
export async function findChanges(
  outbox: Outbox,
  index: string,
  { head, ours }: { readonly head: string; readonly ours: readonly string[] },
): Promise<Step<FoundChanges>> {
  const command = withIndex(outbox, index);
  // a submodule is not checked out: what the agent did to one is in its index alone
  const flags = ["--cached", "--ignore-submodules=none"];
  const staged = await listChanges(outbox, ["diff-index", ...flags, head, "--"], command);
  if (!staged.ok) return staged;
  const edited = await listChanges(outbox, ["diff-files", "--ignore-submodules=all"], command);
  if (!edited.ok) return edited;
  const oursBytes = ours.map((path) => Buffer.from(path).toString("latin1"));
  const theirs = [...staged.value, ...edited.value].filter(
    ({ path }) => !oursBytes.some((folder) => `${path}/`.startsWith(folder)),
  );
  const unmerged = new Set(theirs.filter(({ status }) => status === "U").map(({ path }) => path));
  const changes = theirs.filter(({ path }) => !unmerged.has(path));
  return done({
    changes: [...new Map(changes.map((change) => [change.path, change])).values()],
    stagedPaths: new Set(staged.value.map(({ path }) => path)),
    unmerged,
  });
}

/** Stages them. The value is git's words on files that it cannot take, which stay as the commit has them. */
export async function stageChanges(
  outbox: Outbox,
  index: string,
  { head, changes, stagedPaths: kept }: FoundChanges & { readonly head: string },
): Promise<Step<readonly string[]>> {
  const gone: string[] = [];
  const present: string[] = [];
  const gitlinks = new Map<string, Entry>();
  for (const { status, path, after } of changes) {
    if (after?.mode === gitlinkMode) gitlinks.set(path, after);
    else if (status === "D") gone.push(path);
    else present.push(path);
  }
  const removed = await stagePaths(outbox, index, { gone, present: [] });
  if (!removed.ok) return removed;
  const linked = await setEntries(outbox, index, gitlinks);
  if (!linked.ok) return linked;
  const refused = await stageTakeable(outbox, index, present);
  if (!refused.ok) return refused;
  const dropped = await dropUnedited(outbox, index, { head, kept });
  return dropped.ok ? refused : dropped;
}
