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

/** A port that was free a moment ago; a program that listens on it late may lose it to another. */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const port = portOf(probe);
  probe.close();
  await once(probe, "close");
  return port;
}

const connections = new WeakMap<Server, Set<Socket>>();

function portOf(server: NetServer): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server does not listen on a port");
}
