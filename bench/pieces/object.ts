/** What a harness takes for its object: an address that takes every beat and notes when it came. */

import { type IncomingMessage, createServer } from "node:http";

export type BeatTaker = {
  /** The environment with which a harness finds it. */
  readonly env: Readonly<Record<string, string>>;
  /** When beats came, in `performance.now()` milliseconds. */
  readonly times: () => readonly number[];
  readonly close: () => Promise<void>;
};

export async function startBeatTaker(nextBeatMs: number): Promise<BeatTaker> {
  const times: number[] = [];
  /** The last event that came of each job. */
  const acks = new Map<string, number>();
  const server = createServer((request, response) => {
    void take(request).then(
      (ack) => response.end(JSON.stringify({ ack, directives: [], nextBeatMs })),
      // whoever sent it has ended meanwhile
      () => response.destroy(),
    );
  });
  const take = async (request: IncomingMessage): Promise<number> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { jobId, events = [] } = JSON.parse(Buffer.concat(chunks).toString());
    times.push(performance.now());
    const ack: number = events.at(-1)?.seq ?? acks.get(jobId) ?? 0;
    acks.set(jobId, ack);
    return ack;
  };
  // Node's fetch opens a tunnel to whatever it is told is a proxy; at the end of it is this same server
  server.on("connect", (_request, socket) => {
    socket.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    server.emit("connection", socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const direct = "127.0.0.1,localhost,::1";
  return {
    env: {
      HTTP_PROXY: `http://127.0.0.1:${address.port}`,
      NO_PROXY: direct,
      NODE_USE_ENV_PROXY: "1",
    },
    times: () => times,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
