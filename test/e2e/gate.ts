import { listenOnLoopback } from "../../local/http-server.ts";

/** A point that a program on this machine reaches, and waits at until the test opens it. */
export type Gate = {
  readonly url: string;
  /** A shell command that waits here and ends with 0. */
  readonly command: string;
  /** Settles with what the first to arrive has sent. */
  readonly arrived: Promise<string>;
  readonly open: () => void;
  /** Also ends the waiting of everything that is still here. */
  readonly close: () => Promise<void>;
};

export async function makeGate(): Promise<Gate> {
  const arrived = Promise.withResolvers<string>();
  const opened = Promise.withResolvers<void>();
  const server = await listenOnLoopback(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
    arrived.resolve(Buffer.concat(chunks).toString());
    await opened.promise;
    response.end("open");
  });
  return {
    url: server.url,
    command: `node -e 'fetch("${server.url}").then((answer) => answer.text())'`,
    arrived: arrived.promise,
    open: opened.resolve,
    close: server.close,
  };
}
