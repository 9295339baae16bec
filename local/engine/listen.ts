import { randomInt } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type Server as NetServer, type Socket } from "node:net";

/** Listens on a free loopback port and remembers connections, so that closeServer can cut them. */
export async function listenLoopback(server: Server): Promise<number> {
  track(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}

/** Cuts every connection, also those that became tunnels, and stops listening. */
export async function closeServer(server: Server): Promise<void> {
  for (const socket of connections.get(server) ?? []) socket.destroy();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

/** Remembers a server's connections: an HTTP server forgets those that were upgraded or became tunnels. */
export function track(server: Server): void {
  const sockets = new Set<Socket>();
  connections.set(server, sockets);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
}

/**
 * A port that is free, for a program that will listen on it later. It lies below the range from which the system
 * draws (32768 on Linux, 49152 elsewhere), so that no connection made meanwhile takes it.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return false; // EADDRINUSE: somebody listens there
  }
  probe.close();
  await once(probe, "close");
  return true;
}

const connections = new WeakMap<Server, Set<Socket>>();

function portOf(server: NetServer): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server does not listen on a port");
}
