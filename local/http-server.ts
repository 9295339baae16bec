/** What the demo's servers share: listening on loopback only, and a record of what they were asked that tests can wait on. */
import type { RequestListener } from "node:http";
import { createServer } from "node:http";

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly url: string;
  /** Ends open connections too: a held request would otherwise keep the process alive. */
  readonly close: () => Promise<void>;
}

/** Serves `listener` on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
export function listenOnLoopback(listener: RequestListener, port = 0): Promise<LoopbackServer> {
  const server = createServer(listener);
  // A push of a large pack, or a held request, may take as long as its test needs.
  server.requestTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") {
        reject(new Error(`the server listens on ${String(address)}, which is no port`));
        return;
      }
      resolve({ url: `http://127.0.0.1:${String(address.port)}`, close });
    });
  });

  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  }
}

export interface Recording<T> {
  readonly add: (entry: T) => void;
  readonly all: () => readonly T[];
  /** The first entry that fits, among those recorded already and those to come. It has no limit of its own: the test's does. */
  readonly waitFor: (predicate: (entry: T) => boolean) => Promise<T>;
}

/** An append-only record; waiters are told in the order in which they asked. */
export function createRecording<T>(): Recording<T> {
  const entries: T[] = [];
  const waiting = new Set<(entry: T) => void>();
  return {
    add(entry) {
      entries.push(entry);
      for (const tell of waiting) tell(entry);
    },
    all: () => [...entries],
    waitFor(predicate) {
      const known = entries.find(predicate);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const tell = (entry: T): void => {
          if (!predicate(entry)) return;
          waiting.delete(tell);
          resolve(entry);
        };
        waiting.add(tell);
      });
    },
  };
}
