/** Whether a folder has changed since a moment, by whatever program; nothing in it is opened or executed. */

import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type CheckoutWatch = {
  /** True where it cannot be known. */
  readonly hasChanged: () => Promise<boolean>;
};

/** What installs and tests leave behind is nobody's edit; a commit shows by its files. */
const skipped = names(
  ".git .cat-context .cat-follow-ups.jsonl",
  "node_modules .pnpm-store .yarn .venv venv .gradle .nyc_output .next .cache .turbo",
  "__pycache__ .pytest_cache .mypy_cache .ruff_cache .tox",
);

/** Of a build where the agent's work made it; of the repository where it came with it. */
const skippedIfNew = names("build coverage dist out target vendor");

/** Larger checkouts are not looked through. */
const maxEntries = 200_000;

/**
 * @param marker a path that is free; a file is written there, by whose time later changes are told
 */
export async function watchCheckout(folder: string, marker: string): Promise<CheckoutWatch> {
  await writeFile(marker, "", { flag: "wx" });
  const { ctimeMs: since } = await lstat(marker);
  // Times of files are those of the kernel's last tick, some milliseconds ago: what comes within the same one looks no later.
  while ((await lstat(marker)).ctimeMs === since) await writeFile(marker, "");
  // A deletion shows by the number of files alone, so that they are counted before anybody may delete one.
  const known = new Set<string>();
  const enters = (path: string): boolean => known.add(path).has(path);
  const then = await countFiles(folder, { since: Infinity, enters }).catch(() => null);
  return {
    hasChanged: async () => {
      const now = await countFiles(folder, { since, enters: (path) => known.has(path) }).catch(() => null);
      return now === null || then === null || now === "changed" || now !== then;
    },
  };
}

type Count = {
  /** Milliseconds; a file that was changed later ends the count. */
  readonly since: number;
  /** Whether a folder is entered that has a name of `skippedIfNew`. */
  readonly enters: (path: string) => boolean;
};

/** The files below a folder; `changed` at the first that is younger than `since`, null where there are too many. */
async function countFiles(folder: string, { since, enters }: Count): Promise<number | "changed" | null> {
  const pending = [folder];
  let entries = 0;
  let files = 0;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      entries += 1;
      if (entries > maxEntries) return null;
      if (skipped.has(entry.name)) continue;
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!skippedIfNew.has(entry.name) || enters(path)) pending.push(path);
      } else if (since < Infinity && (await lstat(path)).ctimeMs > since) return "changed";
      else files += 1;
    }
  }
  return files;
}

function names(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(" ")));
}
