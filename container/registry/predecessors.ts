/** What harnesses of this machine left behind that were killed: folders with logins in them, and agents still at work. */

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log } from "../ports.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { killLeftOver } from "../process/left-over.ts";
import { removeFolder } from "./folder.ts";

/** One harness among those that share a folder for temporary files, in this container and beside it. */
export type FolderOwner = { readonly pid: number; readonly host: string };

export type Sweeping = {
  readonly tmpDir: string;
  readonly self: FolderOwner;
  readonly user: AgentUser | null;
  readonly clock: Clock;
  readonly log: Log;
};

/** The name of a job's folder, which tells whose it is. */
export function folderNameOf({ pid, host }: FolderOwner, id: string): string {
  return `holt-job-${pid}.${host.replaceAll(/[^A-Za-z0-9]/g, "_")}-${id}`;
}

/**
 * Ends what works in folders of harnesses that are gone, and removes them. Only folders of this host and of this user
 * count, since of others nobody here knows whether their harness lives. Never rejects.
 */
export async function sweepPredecessors(sweeping: Sweeping): Promise<void> {
  const { tmpDir, self, user, clock, log } = sweeping;
  const names = await readdir(tmpDir).catch(() => []);
  for (const name of names) {
    const folder = join(tmpDir, name);
    if (!(await isAbandoned(folder, name, self))) continue;
    const marks = { folders: [folder], sessions: [], exceptSessions: () => [], user };
    const { killed } = await killLeftOver(marks, clock);
    const problem = await removeFolder(folder).catch((error: unknown) => error);
    log.write("warn", "predecessor.swept", {
      folder,
      killed: killed.length,
      ...(problem !== undefined && { problem }),
    });
  }
}

async function isAbandoned(folder: string, name: string, self: FolderOwner): Promise<boolean> {
  const pid = Number(/^holt-job-(\d+)\./.exec(name)?.[1]);
  if (!Number.isSafeInteger(pid) || !name.startsWith(folderNameOf({ ...self, pid }, ""))) return false;
  if (pid !== self.pid && isAlive(pid)) return false;
  const stat = await lstat(folder).catch(() => null);
  return stat !== null && stat.isDirectory() && stat.uid === process.getuid?.();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // a process of somebody else's has the id
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
