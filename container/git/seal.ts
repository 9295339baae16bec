/**
 * Remembers files of the harness's own that decide where git takes a token and what it runs on its way. Where the agent
 * is the same user as the harness it can write them; the seal finds what was changed before git is started. What is
 * changed between the look and git's own reading it cannot find.
 */

import { constants } from "node:fs";
import { lstat, open, readFile } from "node:fs/promises";

export type Seal = {
  /** Remembers what each path holds at this moment, or that nothing is there. */
  readonly add: (paths: readonly string[]) => Promise<void>;
  /** A path that is not as it was; null where all are. */
  readonly findBroken: () => Promise<string | null>;
};

export function createSeal(): Seal {
  const sealed = new Map<string, Buffer | null>();
  return {
    add: async (paths) => {
      for (const path of paths) sealed.set(path, (await isAbsent(path)) ? null : await readFile(path));
    },
    findBroken: async () => {
      for (const [path, bytes] of sealed) {
        const isIntact = bytes === null ? await isAbsent(path) : await holds(path, bytes);
        if (!isIntact) return path;
      }
      return null;
    },
  };
}

/** Whether a path is a plain file with exactly these bytes; a link to such a file is another file. */
async function holds(path: string, bytes: Buffer): Promise<boolean> {
  // a named pipe in its place must not hold us
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return false;
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size === bytes.length && bytes.equals(await file.readFile());
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

async function isAbsent(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT",
  );
}
