/** HTTP as a client of the job protocol speaks it, and bytes where HTTP would not let them through. */

import { request } from "node:http";
import { connect } from "node:net";

export type Answer = {
  readonly status: number;
  readonly contentType: string;
  /** Parsed; undefined where it is no JSON. */
  readonly body: unknown;
  readonly text: string;
};

export type Client = {
  readonly url: string;
  /** `path` goes into the request line as it is. */
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Answer>;
  /** Writes bytes to a connection of its own; the answer until the other side ends it or `waitMs` have passed. */
  readonly raw: (bytes: string, waitMs: number) => Promise<string>;
};

export type SendOptions = {
  readonly body?: string | Buffer;
  /** On top of the secret; a secret of undefined leaves it out. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly secret?: string | undefined;
};

export const SECRET_HEADER = "x-harness-secret";

const answerMs = 30_000; // as clients wait

export function createClient(base: URL, secret: string | undefined): Client {
  const port = base.port === "" ? 80 : Number(base.port);
  return {
    url: base.href,
    send: (method, path, options = {}) => {
      const given = "secret" in options ? options.secret : secret;
      const headers = { ...(given !== undefined && { [SECRET_HEADER]: given }), ...options.headers };
      return exchange({ host: base.hostname, port, method, path, headers, body: options.body });
    },
    raw: (bytes, waitMs) => rawExchange({ host: base.hostname, port, bytes, waitMs }),
  };
}

function exchange(options: {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer | undefined;
}): Promise<Answer> {
  const { host, port, method, path, body } = options;
  const headers = Object.entries(options.headers).map(([name, value]) => [
    name,
    typeof value === "string" ? value : [...value],
  ]);
  // Node sends the length of its own accord with some methods only
  if (body !== undefined) headers.push(["content-length", String(Buffer.byteLength(body))]);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host,
        port,
        method,
        path,
        headers: Object.fromEntries(headers),
        agent: false,
        signal: AbortSignal.timeout(answerMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const text = Buffer.concat(chunks).toString();
          const contentType = response.headers["content-type"] ?? "";
          resolve({ status: response.statusCode ?? 0, contentType, body: parse(text), text });
        });
      },
    );
    // who refuses a body early may end the connection under it: the answer counts, if there is one
    call.once("error", reject);
    call.end(body);
  });
}

function rawExchange(options: {
  readonly host: string;
  readonly port: number;
  readonly bytes: string;
  readonly waitMs: number;
}): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(options.port, options.host, () => socket.write(options.bytes, "latin1"));
    socket.setTimeout(options.waitMs, () => socket.destroy());
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(Buffer.concat(chunks).toString()));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
