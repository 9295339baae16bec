import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Destination, Egress } from "./egress.ts";
import { closeServer, listenLoopback } from "./listen.ts";
import { answerConnect } from "./tunnel.ts";
import type { Wire } from "./wire.ts";

export type EgressProxyOptions = {
  readonly egress: Egress;
  readonly wire: Wire;
  readonly log: (line: string) => void;
};

export type EgressProxy = { readonly url: string; readonly close: () => Promise<void> };

/**
 * The proxy that a container's process finds in HTTP_PROXY. Node's fetch opens a tunnel (CONNECT) even for plain
 * HTTP; git and curl send absolute-form requests. Both are served.
 */
export async function startEgressProxy({ egress, wire, log }: EgressProxyOptions): Promise<EgressProxy> {
  const server = createServer((request, response) => {
    forward(egress, request, response).catch((error: unknown) => {
      // The host only: the rest of the URL may carry a secret.
      log(`egress ${request.method} ${URL.parse(request.url ?? "")?.host}: ${String(error)}`);
      // A body that was cut must not look complete.
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end("the connection ended without an answer\n");
    });
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    void open({ egress, wire }, { authority: request.url ?? "", socket, head });
  });
  // Uploads may take as long as they need.
  server.requestTimeout = 0;
  const port = await listenLoopback(server);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

type Tunnel = { readonly authority: string; readonly socket: Duplex; readonly head: Buffer };

async function open(
  { egress, wire }: Pick<EgressProxyOptions, "egress" | "wire">,
  tunnel: Tunnel,
): Promise<void> {
  const target = URL.parse(`http://${tunnel.authority}`);
  if (target === null) return answerConnect(tunnel.socket, 400, "not a host and port");
  const port = Number(target.port || 80);
  // Port 443 is the only sign of TLS before the first byte.
  const answer = await egress.dial({
    host: target.hostname,
    port,
    protocol: port === 443 ? "https" : "http",
  });
  if (answer.kind === "refused") return answerConnect(tunnel.socket, 502, answer.why);
  if (answer.by === "worker" && port === 443) {
    answer.socket.destroy();
    return answerConnect(tunnel.socket, 501, "the process engine does not intercept TLS");
  }
  answerConnect(tunnel.socket, 200, "");
  if (answer.head.byteLength > 0) tunnel.socket.write(answer.head);
  wire.join(tunnel.socket, answer.socket, tunnel.head);
}

async function forward(egress: Egress, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = URL.parse(request.url ?? "");
  if (target?.protocol !== "http:") {
    response.writeHead(400).end("an absolute http URL is expected\n");
    return;
  }
  const destination: Destination = {
    host: target.hostname,
    port: Number(target.port || 80),
    protocol: "http",
  };
  const answer = await egress.dial(destination);
  if (answer.kind === "refused") {
    response.writeHead(502).end(`${answer.why}\n`);
    return;
  }
  if (answer.head.byteLength > 0) answer.socket.unshift(answer.head);
  const upstream = sendRequest({
    method: request.method,
    path: `${target.pathname}${target.search}`,
    headers: { ...withoutHopHeaders(request), host: target.host, connection: "close" },
    createConnection: () => answer.socket,
  });
  await new Promise<void>((resolve, reject) => {
    upstream.once("response", (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
      reply.once("error", reject);
      reply.once("end", resolve);
    });
    upstream.once("error", reject);
    response.once("close", () => {
      upstream.destroy();
      resolve();
    });
    request.pipe(upstream);
  });
}

/** Headers between client and proxy only (RFC 9110 §7.6.1). */
function withoutHopHeaders(request: IncomingMessage): Record<string, string | string[] | undefined> {
  const {
    "proxy-connection": _connection,
    "proxy-authorization": _authorization,
    ...headers
  } = request.headers;
  return headers;
}
