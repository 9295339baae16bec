/** One start at a time on a state folder, and the note by which a second start tells where the first one runs. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { parseJson } from "../shared/json.ts";
import { writePrivately } from "./state.ts";

const Holder = z.object({
  pid: z.int().min(1),
  /** Null until the Worker answers. */
  url: z.string().nullable(),
});
export type Holder = z.infer<typeof Holder>;

export type Claim =
  /** `by` is null in the moment before the holder has noted itself. */
  | { readonly kind: "taken"; readonly by: Holder | null }
  | {
      readonly kind: "held";
      /** Notes where the Worker answers. */
      readonly announce: (url: string) => void;
      readonly release: () => void;
    };

/**
 * Takes the folder, or says who has it. What holds it is a lock of the operating system, which SQLite takes for us and
 * which ends with the process however that ends: a note left behind blocks nobody, nor does a process id used again.
 */
export function claimState(dir: string): Claim {
  const note = join(dir, "running.json");
  const lock = new DatabaseSync(join(dir, "lock"), { timeout: 0 });
  try {
    // In memory: nothing is ever written, and a journal would be a file to clean up.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (isBusy(error)) return { kind: "taken", by: readNote(note) };
    throw error;
  }
  writePrivately(note, JSON.stringify({ pid: process.pid, url: null } satisfies Holder));
  return {
    kind: "held",
    announce: (url) => writePrivately(note, JSON.stringify({ pid: process.pid, url } satisfies Holder)),
    release: () => {
      rmSync(note, { force: true });
      lock.close();
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function readNote(path: string): Holder | null {
  try {
    return Holder.safeParse(parseJson(readFileSync(path, "utf8"))).data ?? null;
  } catch {
    return null; // ENOENT: not written yet, or released meanwhile
  }
}
