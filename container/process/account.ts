/** Whether what runs under the harness's user can only be the harness's own, and which accounts there are. */

import { readFile } from "node:fs/promises";
import type { Accounts } from "./agent-user.ts";
import { readProcessTable } from "./table.ts";

/**
 * True in a container that runs nothing else: started for an instance, as the first process or right under it, with no
 * other process of this user. It has to be asked before the first agent starts. On a developer's machine it is false:
 * there the harness has been started by something of the same user.
 */
export async function ownsAccount(instance: string | null): Promise<boolean> {
  if (instance === null || (process.pid !== 1 && process.ppid !== 1)) return false;
  const table = await readProcessTable();
  const uid = process.getuid?.();
  const others = table.filter((entry) => entry.uid === uid && entry.pid !== 1 && entry.pid !== process.pid);
  return table.length > 0 && others.length === 0;
}

export async function readAccounts(): Promise<Accounts> {
  return { ownUid: process.getuid?.(), passwd: await readFile("/etc/passwd", "utf8").catch(() => "") };
}
