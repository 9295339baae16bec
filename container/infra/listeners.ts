/** Who listens on a port of this machine. */

import { readFile, readdir, readlink } from "node:fs/promises";
import { connect } from "node:net";

/** `unknown` where the platform does not tell: what answers there may be anybody's. */
export type Owner = "nobody" | "ours" | "foreign" | "unknown";

/** Whether something listens on a port already. */
export async function isPortTaken(port: number): Promise<boolean> {
  const listeners = await readListeners(port);
  if (listeners !== null) return listeners.length > 0;
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => accepts(host, port)));
  return answers.includes(true);
}

/** @param pids of all processes that count as ours */
export async function findOwner(port: number, pids: ReadonlySet<number>): Promise<Owner> {
  const listeners = await readListeners(port);
  if (listeners === null) return "unknown";
  if (listeners.length === 0) return "nobody";
  const sockets = await Promise.all([...pids].map(readSockets));
  const ours = new Set(sockets.flatMap((inodes) => inodes ?? []));
  if (listeners.every((inode) => ours.has(inode))) return "ours";
  // a process that hides its descriptors may be the one
  return sockets.includes(null) ? "unknown" : "foreign";
}

/** In the state column of /proc/net/tcp. */
const listenState = "0A";

/** The inodes of listening sockets; null where there is no `/proc/net`. */
async function readListeners(port: number): Promise<readonly string[] | null> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => null)),
  );
  if (tables.every((table) => table === null)) return null;
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return tables.flatMap((table) =>
    (table ?? "").split("\n").flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/u);
      const listens = state === listenState && local?.endsWith(suffix) === true;
      return listens && inode !== undefined ? [inode] : [];
    }),
  );
}

/** The inodes of a process's sockets; null where they may not be read. */
async function readSockets(pid: number): Promise<readonly string[] | null> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch((error: unknown) => (isDenied(error) ? null : []));
  if (descriptors === null) return null;
  const links = await Promise.all(
    descriptors.map((descriptor) => readlink(`${folder}/${descriptor}`).catch(() => "")),
  );
  return links.flatMap((link) => /^socket:\[(\d+)\]$/u.exec(link)?.slice(1) ?? []);
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
}

const connectMs = 1_000;

function accepts(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: connectMs });
  socket.once("connect", () => resolve(true));
  for (const event of ["error", "timeout"]) socket.once(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}
