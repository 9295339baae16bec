/**
 * An agent that makes the repository anew, or amends the one commit that a shallow checkout has, leaves a history of its
 * own: no pull request can be made of it. One that rewrites what the branch had before leaves one that cannot be pushed
 * without undoing that. In either case the files are put on the commit that the agent began with.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import { type Outbox, inOutbox, isAncestor } from "./outbox.ts";
import { treeOf } from "./outbox-index.ts";

/**
 * A commit with the files and words of `tip` on `start`, where the two have nothing in common; the same each time. Else
 * `tip` itself, and `start` where the files are the same.
 */
export async function joinHistory(outbox: Outbox, tip: string, start: string): Promise<Step<string>> {
  if (tip === start || !(await isUnrelated(outbox, tip, start))) return done(tip);
  const isSame = await haveSameFiles(outbox, tip, start);
  if (!isSame.ok) return isSame;
  return isSame.value ? done(start) : copyOnto(outbox, tip, start);
}

/** The same for a commit that does not contain `kept`; itself where its files are those of `start`. */
export async function keepHistory(
  outbox: Outbox,
  commit: string,
  { kept, start }: { readonly kept: string | null; readonly start: string },
): Promise<Step<string>> {
  if (kept === null || (await isAncestor(outbox, kept, commit))) return done(commit);
  const isSame = await haveSameFiles(outbox, commit, start);
  if (!isSame.ok) return isSame;
  return isSame.value ? done(commit) : copyOnto(outbox, commit, start);
}

async function haveSameFiles(outbox: Outbox, one: string, other: string): Promise<Step<boolean>> {
  const first = await treeOf(outbox, one);
  if (!first.ok) return first;
  const second = await treeOf(outbox, other);
  return second.ok ? done(first.value === second.value) : second;
}

async function isUnrelated(outbox: Outbox, tip: string, start: string): Promise<boolean> {
  const common = await outbox.git.try(["merge-base", start, tip], inOutbox(outbox));
  // 1: there is none, as far as the outbox knows
  if (common.exit.kind !== "exited" || common.exit.code !== 1) return false;
  const roots = await outbox.git.run(["rev-list", "--max-parents=0", tip], inOutbox(outbox));
  if (!roots.ok) return false;
  const shallow = await readFile(join(outbox.folder, "shallow"), "utf8").catch(() => "");
  const boundary = new Set(shallow.split("\n"));
  // what goes on behind a boundary may meet there
  return roots.value
    .trim()
    .split("\n")
    .every((root) => !boundary.has(root));
}

/** A commit is its tree and parents, who made it when, and what they said; a signature would not hold. */
async function copyOnto(outbox: Outbox, commit: string, parent: string): Promise<Step<string>> {
  const read = await outbox.git.run(["cat-file", "commit", commit], {
    ...inOutbox(outbox),
    encoding: "latin1",
  });
  if (!read.ok) return read;
  const end = read.value.indexOf("\n\n");
  const lines = read.value.slice(0, end).split("\n");
  const keep = (name: string): readonly string[] => lines.filter((line) => line.startsWith(`${name} `));
  const header = [
    ...keep("tree"),
    `parent ${parent}`,
    ...keep("author"),
    ...keep("committer"),
    ...keep("encoding"),
  ];
  const written = await outbox.git.run(["hash-object", "-t", "commit", "-w", "--stdin"], {
    ...inOutbox(outbox),
    input: header.join("\n") + read.value.slice(end),
    encoding: "latin1",
  });
  return written.ok ? done(written.value.trim()) : written;
}
