import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** Joins two connections until either ends; `head` is what the first had already sent beyond its handshake. */
export function joinConnections(first: Duplex, second: Duplex, head: Uint8Array): void {
  if (head.byteLength > 0) second.write(head);
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

/** A connection to a port of this machine; rejects when nothing listens there. */
export async function connectLoopback(port: number): Promise<Duplex> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined); // joinConnections ends the other side on close
  return socket;
}

/** Answers a CONNECT request; a refusal says why and closes. */
export function answerConnect(socket: Duplex, status: number, text: string): void {
  if (status === 200) {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    return;
  }
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${text.replaceAll(/[\r\n]+/gu, " ")}\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
