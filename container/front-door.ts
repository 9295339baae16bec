/**
 * What of the harness is there from the first moment: it listens and answers probes. The rest, some hundred modules, is
 * read when somebody asks for more, so a container that waits for its job needs hardly more than an empty server.
 */

import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Config } from "./config.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type FrontDoorOptions = {
  readonly boot: string;
  readonly config: Pick<Config, "port" | "hostname" | "instance">;
  /** Reads the rest; called at the first request that is no probe, and again for each. */
  readonly open: () => Promise<Handler>;
};

/** A dispatch of 4 MiB takes no longer on any line a container has. */
const REQUEST_MS = 60_000;

export type FrontDoor = {
  readonly port: number;
  /** Takes no more requests; jobs at work go on. */
  readonly close: () => Promise<void>;
};

/** Listens. Rejects where it cannot. */
export async function listenAtFrontDoor({ boot, config, open }: FrontDoorOptions): Promise<FrontDoor> {
  const health = JSON.stringify({ status: "ok", boot, instance: config.instance });
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    if (request.method === "GET" && request.url === "/health") {
      response.setHeader("content-type", "application/json");
      response.end(health);
      return;
    }
    open().then(
      (handle) => handle(request, response),
      () => response.destroy(),
    );
  });
  const port = await listen(server, config);
  return { port, close: () => close(server) };
}

function listen(server: Server, { port, hostname }: FrontDoorOptions["config"]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(port, hostname, () => {
    server.off("error", reject);
    resolve(portOf(server.address(), port));
  });
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}

function portOf(address: AddressInfo | string | null, asked: number): number {
  return typeof address === "object" && address !== null ? address.port : asked;
}
