/** Removing what an agent left. It can nest folders deeper than any path reaches; the system's own programs walk down. */

import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { runProcess } from "../../process.ts";
import { isSuccess } from "../../process/exit.ts";
import { removeFolder } from "../../registry/folder.ts";

/** Removes whatever stands at a path, and follows no link. Rejects where something is left. */
export async function removeWhatever(path: string): Promise<void> {
  try {
    return await removeFolder(path);
  } catch (error) {
    await isRun("chmod", ["-R", "u+rwX", "--", path], dirname(path));
    await isRun("rm", ["-rf", "--", path], dirname(path));
    if ((await lstat(path).catch(() => null)) !== null) throw error;
  }
}

/**
 * Removes every `.git` below a folder but its own, and follows no link; false where that failed. Git itself passes over
 * them: one in a folder of tracked files would be the repository of whoever works there.
 */
export function removeNestedRepositories(folder: string): Promise<boolean> {
  const found = [".", "-mindepth", "2", "-iname", ".git", "-prune"];
  return isRun("find", [...found, "-exec", "rm", "-rf", "--", "{}", "+"], folder);
}

async function isRun(file: string, args: readonly string[], cwd: string): Promise<boolean> {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };
  const end = await runProcess({ file, args, cwd, env, timeoutMs: 300_000, killGraceMs: 5_000 });
  return isSuccess(end.exit);
}
