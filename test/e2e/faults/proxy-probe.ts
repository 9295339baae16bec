import { connect } from "node:net";
import type { EngineContainer } from "../../../local/engine/engine.ts";

const PROBE_MS = 5_000;

/** Sends bytes the way that the container's beats take; the status line of the tunnel's answer. */
export function probeProxy({ env }: EngineContainer): Promise<string> {
  const { hostname, port } = new URL(env["HTTP_PROXY"] ?? "");
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setTimeout(PROBE_MS, () => socket.destroy());
  socket.once("connect", () =>
    socket.write("CONNECT holt.internal:80 HTTP/1.1\r\nHost: holt.internal\r\n\r\n"),
  );
  socket.once("data", (bytes: Buffer) => {
    resolve(bytes.toString("latin1").split("\r\n")[0] ?? "");
    socket.end("GET /probe HTTP/1.1\r\nHost: holt.internal\r\n\r\n");
  });
  socket.once("error", (error) => resolve(error.message));
  socket.once("close", () => resolve("no answer"));
  return promise;
}
