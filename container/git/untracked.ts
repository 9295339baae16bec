import { createNulRecords, displayPath } from "./nul-records.ts";
import type { Outbox } from "./outbox.ts";
import { withIndex } from "./outbox-index.ts";

/** Files that are neither tracked nor ignored, and stay where they are: how many, and the first few. */
export type Untracked = { readonly count: number; readonly first: readonly string[] };

const shown = 20;

export async function listUntracked(outbox: Outbox, index: string): Promise<Untracked> {
  const first: string[] = [];
  let count = 0;
  await outbox.git.try(["ls-files", "-z", "--others", "--exclude-standard"], {
    ...withIndex(outbox, index),
    onStdout: createNulRecords((path) => {
      count += 1;
      if (first.length < shown) first.push(displayPath(path));
    }),
  });
  return { count, first };
}
