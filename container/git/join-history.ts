/**
 * An agent that makes the repository anew, or amends the one commit that a shallow checkout has, leaves a history of its
 * own: no pull request can be made of it. Its files are put on the commit that the agent began with.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Step, done } from "../process/step.ts";
import { type Outbox, inOutbox } from "./outbox.ts";
import { treeOf } from "./outbox-index.ts";

/**
 * A commit with the files and words of `tip` on `start`, where the two have nothing in common; the same each time. Else
 * `tip` itself, and `start` where the files are the same.
 */
export async function joinHistory(outbox: Outbox, tip: string, start: string): Promise<Step<string>> {
  if (tip === start || !(await isUnrelated(outbox, tip, start))) return done(tip);
  const tipTree = await treeOf(outbox, tip);
  if (!tipTree.ok) return tipTree;
  const startTree = await treeOf(outbox, start);
  if (!startTree.ok) return startTree;
  return tipTree.value === startTree.value ? done(start) : copyOnto(outbox, tip, start);
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
