import { chmod, lstat, mkdir, readdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { runProcess } from "../process.ts";
import { isSuccess } from "../process/exit.ts";

/** Makes a job's own folder, readable by nobody else; its path is free of links. */
export async function makeJobFolder(tmpDir: string, name: string): Promise<string> {
  const folder = join(tmpDir, name);
  await mkdir(tmpDir, { recursive: true });
  await mkdir(folder, { mode: 0o700 });
  return realpath(folder);
}

/** Removes a folder and all below it, also where an agent has taken away the right to write; links are never followed. */
export async function removeFolder(folder: string): Promise<void> {
  if (process.getuid?.() === 0 && (await removeAsRoot(folder))) return;
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 2 });
  } catch {
    // Read-only folders are the one cause that can be mended; any other comes back from the second removal.
    await makeWritable(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 2 });
  }
}

/** Some millions of files. */
const removalMs = 300_000;

/**
 * An agent that works for another job beside this one could exchange a folder for a link while root removes what is
 * below it. The program `rm` holds the folders it is in, so such a link leads it nowhere; Node's goes by paths.
 */
async function removeAsRoot(folder: string): Promise<boolean> {
  await chmod(folder, 0o700).catch(() => undefined);
  const { exit } = await runProcess({
    file: "rm",
    args: ["-rf", "--", folder],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    timeoutMs: removalMs,
    killGraceMs: 1_000,
  });
  return isSuccess(exit);
}

async function makeWritable(folder: string): Promise<void> {
  const pending = [folder];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stat = await lstat(path).catch(() => null);
    if (stat === null || !stat.isDirectory()) continue;
    await chmod(path, 0o700).catch(() => undefined);
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isDirectory()) pending.push(join(path, entry.name));
  }
}
