/** Passes bytes on between a client and a server on this machine, and counts them: what really goes over the wire. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type CountedRelay = {
  readonly url: string;
  /** Bytes so far, both ways. */
  readonly bytes: () => number;
  readonly close: () => Promise<void>;
};

export async function openCountedRelay(target: string): Promise<CountedRelay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("data", (chunk: Buffer) => void (bytes += chunk.byteLength));
      end.on("error", () => undefined).on("close", () => sockets.delete(end));
    }
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes: () => bytes,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
