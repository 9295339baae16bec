import { readdir, readFile, readlink } from "node:fs/promises";

/**
 * The process id of the workerd that runs the Worker, told by the port on which it takes a container's outgoing
 * connections (`EngineContainer.workerPort`). A harness has two workerd processes: the other one is wrangler's own
 * proxy, and ending that one says nothing about the Worker. Linux only.
 *
 * wrangler starts a killed workerd again by itself, at the same address and with the same storage and alarms.
 */
export async function findWorkerd(workerPort: number | null): Promise<number> {
  const inode = await findListener(workerPort ?? 0);
  for (const entry of await readdir("/proc")) {
    if (/^\d+$/u.test(entry) && (await holdsSocket(entry, inode))) return Number(entry);
  }
  throw new Error(`no process listens on port ${workerPort}`);
}

/** The socket's inode, from the kernel's table: `sl local_address rem_address st … inode`. */
async function findListener(port: number): Promise<string> {
  const address = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of (await readFile("/proc/net/tcp", "utf8")).split("\n").slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/u);
    if (local?.endsWith(address) && state === "0A" && inode !== undefined) return inode;
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function holdsSocket(pid: string, inode: string): Promise<boolean> {
  const links = await readdir(`/proc/${pid}/fd`).catch((): string[] => []);
  const targets = await Promise.all(links.map((link) => readlink(`/proc/${pid}/fd/${link}`).catch(() => "")));
  return targets.includes(`socket:[${inode}]`);
}
