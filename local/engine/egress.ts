import { request } from "node:http";
import type { Duplex } from "node:stream";

/** Where a container's process wants to go. */
export type Destination = {
  readonly host: string;
  readonly port: number;
  readonly protocol: "http" | "https";
};

export type EgressAnswer =
  /** A connection: plain HTTP that the Worker answers, or raw bytes to the real destination. */
  | {
      readonly kind: "open";
      readonly by: "worker" | "internet";
      readonly socket: Duplex;
      readonly head: Buffer;
    }
  | { readonly kind: "refused"; readonly why: string };

/** One container's way to the Worker, through the port that workerd named by `PUT /egress`. */
export type Egress = {
  /** Where workerd takes outgoing connections; null before it said so. */
  readonly port: () => number | null;
  readonly set: (port: number) => void;
  /** Forgets the port and cuts what is open through it; `set` brings it back. */
  readonly drop: () => void;
  readonly dial: (destination: Destination) => Promise<EgressAnswer>;
};

/** `onChange` is called when workerd names a port. */
export function makeEgress(onChange: () => void): Egress {
  let egressPort: number | null = null;
  const open = new Set<Duplex>();
  return {
    port: () => egressPort,
    set: (port) => {
      egressPort = port;
      onChange();
    },
    drop: () => {
      egressPort = null;
      for (const socket of open) socket.destroy();
    },
    dial: async (destination) => {
      if (egressPort === null) return { kind: "refused", why: "no Worker listens for this container" };
      const answer = await dialWorker(egressPort, destination);
      if (answer.kind === "open") {
        open.add(answer.socket);
        answer.socket.once("close", () => open.delete(answer.socket));
      }
      return answer;
    },
  };
}

/** 200: the Worker takes it. 202: pass through raw. Anything else is a refusal. */
function dialWorker(egressPort: number, destination: Destination): Promise<EgressAnswer> {
  const { host, port, protocol } = destination;
  return new Promise((resolve) => {
    const asked = request({
      host: "127.0.0.1",
      port: egressPort,
      method: "CONNECT",
      path: `${host}:${port}`,
      headers: { [protocol === "http" ? "x-hostname" : "x-tls-sni"]: host },
    });
    asked.once("connect", (response, socket, head) => {
      const status = response.statusCode ?? 0;
      socket.on("error", () => socket.destroy());
      if (status === 200 || status === 202) {
        resolve({ kind: "open", by: status === 200 ? "worker" : "internet", socket, head });
      } else {
        socket.destroy();
        resolve({ kind: "refused", why: `the Worker answered ${status} for ${host}:${port}` });
      }
    });
    asked.once("error", (error) => resolve({ kind: "refused", why: `no Worker: ${error.message}` }));
    asked.end();
  });
}
