import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import { runProcess } from "../process.ts";
import { childEnvironment } from "../process/environment.ts";
import { removeFolder } from "../registry/folder.ts";

/**
 * Removes whatever stands at a path, and follows no link. An agent can nest folders deeper than any path reaches; the
 * system's own programs walk down step by step. Rejects where something is left.
 */
export async function removeWhatever(path: string): Promise<void> {
  try {
    return await removeFolder(path);
  } catch (error) {
    for (const [file, ...args] of [
      ["chmod", "-R", "u+rwX", "--", path],
      ["rm", "-rf", "--", path],
    ] as const) {
      const cwd = dirname(path);
      await runProcess({ file, args, cwd, env: childEnvironment(process.env, {}), ...bounds });
    }
    if ((await lstat(path).catch(() => null)) !== null) throw error;
  }
}

const bounds = { timeoutMs: 300_000, killGraceMs: 5_000 } as const;
