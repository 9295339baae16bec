import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json, text } from "node:stream/consumers";
import type { Duplex } from "node:stream";
import * as z from "zod";
import { makeEgress, type Egress } from "./egress.ts";
import { startEgressProxy } from "./egress-proxy.ts";
import { closeServer, listenLoopback } from "./listen.ts";
import { answerConnect, connectLoopback } from "./tunnel.ts";
import { makeWire, type Wire } from "./wire.ts";

/** What workerd calls `N-proxy`: the way into one container and the way out of it. */
export type Sidecar = {
  readonly name: string;
  /** Where workerd reaches it: the published port of 39001/tcp. */
  readonly ingressPort: number;
  /** What the container's process uses as HTTP_PROXY. */
  readonly proxyUrl: string;
  readonly egress: Egress;
  /** All that passes between workerd and the container, both ways. */
  readonly wire: Wire;
  /** The port on this machine behind a port of the container. */
  readonly mapPorts: (toMachinePort: (port: number) => number) => void;
  readonly close: () => Promise<void>;
};

export type SidecarOptions = {
  readonly name: string;
  readonly log: (line: string) => void;
  readonly onChange: () => void;
};

export async function startSidecar({ name, log, onChange }: SidecarOptions): Promise<Sidecar> {
  const egress = makeEgress(onChange);
  const wire = makeWire();
  let toMachinePort = (port: number): number => port;
  const server = createServer((request, response) => {
    serve(request, response, egress).catch((error: unknown) => {
      log(`sidecar ${name}: ${request.method} ${request.url}: ${String(error)}`);
      response.writeHead(500).end(String(error));
    });
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    void enter(request, socket, { head, toMachinePort, wire });
  });
  const ingressPort = await listenLoopback(server);
  const proxy = await startEgressProxy({ egress, wire, log });
  return {
    name,
    ingressPort,
    proxyUrl: proxy.url,
    egress,
    wire,
    mapPorts: (map) => {
      toMachinePort = map;
    },
    close: async () => {
      egress.drop();
      await Promise.all([closeServer(server), proxy.close()]);
    },
  };
}

const EgressSettings = z.looseObject({ port: z.int().min(1).max(65_535) });

async function serve(request: IncomingMessage, response: ServerResponse, egress: Egress): Promise<void> {
  if (request.method === "PUT" && request.url === "/egress") {
    egress.set(EgressSettings.parse(await json(request)).port);
    response.writeHead(204).end();
  } else if (request.method === "GET" && request.url === "/ca") {
    response.writeHead(200, { "content-type": "application/x-pem-file" }).end("");
  } else {
    response.writeHead(404).end(await text(request));
  }
}

type Entry = {
  readonly head: Buffer;
  readonly toMachinePort: (port: number) => number;
  readonly wire: Wire;
};

/** workerd reads 400 as "the container is not listening". */
async function enter(request: IncomingMessage, socket: Duplex, entry: Entry): Promise<void> {
  const address = request.headers["x-dst-addr"];
  const port = Number(/:(\d+)$/u.exec(typeof address === "string" ? address : "")?.[1]);
  try {
    const inside = await connectLoopback(entry.toMachinePort(port));
    answerConnect(socket, 200, "");
    entry.wire.join(socket, inside, entry.head);
  } catch {
    answerConnect(socket, 400, `nothing listens on port ${port}`);
  }
}
