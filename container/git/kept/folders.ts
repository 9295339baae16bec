/** Makes the folders of a kept checkout without following any link, and keeps other processes out of it meanwhile. */

import { constants } from "node:fs";
import { access, chmod, chown, lstat, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { KeptTree } from "./path.ts";

/** Null when the folders stand and may be written; otherwise why they cannot be used, for people. */
export async function openKeptFolders(tree: KeptTree): Promise<string | null> {
  const { root, folder, cache } = tree;
  try {
    await mkdir(root, { recursive: true });
    // whoever runs the agent has to come through the outer two, and has no business in the others
    const folders = [
      { path: root, mode: 0o755 },
      { path: dirname(folder), mode: 0o755 },
      { path: dirname(dirname(cache)), mode: 0o700 },
      { path: dirname(cache), mode: 0o700 },
    ];
    for (const { path, mode } of folders) {
      const problem = await openFolder(path, mode);
      if (problem !== null) return problem;
    }
    // a link in the tree's own place was left there by a job, and leads nowhere we go
    const found = await lstat(folder).catch(() => null);
    if (found !== null && !found.isDirectory()) await rm(folder);
    await mkdir(folder, { recursive: true });
    await close(folder);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function openFolder(path: string, mode: number): Promise<string | null> {
  const before = await lstat(path).catch(() => null);
  if (before === null) {
    await mkdir(path);
    await chmod(path, mode);
  } else if (!before.isDirectory()) {
    return `'${path}' is no folder${before.isSymbolicLink() ? " but a link" : ""}`;
  }
  await access(path, constants.W_OK | constants.X_OK);
  return null;
}

/** While the harness works in the tree nobody else comes in; it is handed over before an agent starts. */
async function close(folder: string): Promise<void> {
  const { getuid, getgid } = process;
  if (getuid?.() === 0) await chown(folder, 0, getgid?.() ?? 0);
  await chmod(folder, 0o700);
}
