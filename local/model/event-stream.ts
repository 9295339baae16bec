/** Writing server-sent events to a node:http response, at the pace of the reader. */
import type { ServerResponse } from "node:http";
import { once } from "node:events";

export interface EventStream {
  send(data: object): Promise<void>;
  /** Ends it as the API does, with `[DONE]`. */
  finish(): void;
  /** Breaks the connection in the middle. */
  cut(): void;
}

export function startEventStream(response: ServerResponse): EventStream {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  const write = async (text: string): Promise<void> => {
    // A reader that has gone away gets nothing more; waiting for `drain` would never end.
    if (response.destroyed) return;
    if (response.write(text)) return;
    await once(response, "drain", { signal: gone.signal }).catch(() => {
      // The reader closed the connection: the next write sees it.
    });
  };
  return {
    send: (data) => write(`data: ${JSON.stringify(data)}\n\n`),
    finish() {
      response.end("data: [DONE]\n\n");
    },
    cut() {
      response.destroy();
    },
  };
}
