/**
 * Our own harness with one fault in front of it: every request goes through a server that may change it, or the answer.
 * What a fault leaves alone passes as it came.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request as sendRequest } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Passage = {
  readonly method: string;
  /** As it stands in the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** In place of the body that came. */
  readonly body?: string;
};

export type Passed = { readonly status: number; readonly body: unknown };

export type Fault = {
  /** Another request in place of the one that came; may answer it without the harness. */
  readonly ask?: (passage: Passage, body: () => Promise<string>) => Passage | Promise<Passage | Passed>;
  /** Another answer in place of the harness's. */
  readonly answer?: (passed: Passed, passage: Passage) => Passed;
};

export const secretHeader = "x-harness-secret";

/** Of a request without the secret no body is waited for. */
export function isAdmitted({ headers }: Passage): boolean {
  return [headers[secretHeader]].flat()[0] === process.env["HARNESS_SHARED_SECRET"];
}

const main = fileURLToPath(new URL("../../../container/main.ts", import.meta.url));

/** Runs the program: the harness on a port of its own, the fault on `PORT`; both end together. */
export async function runWithFault(fault: Fault): Promise<void> {
  const harness = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PORT: "0" },
  });
  const end = (): void => void harness.kill("SIGTERM");
  process.on("SIGTERM", end).on("SIGINT", end).on("exit", end);
  harness.once("exit", () => process.exit(0));
  const port = await portOf(harness.stdout);
  const server = createServer((request, response) => {
    // who breaks off gets no answer, and ends nothing
    pass(request, response, { port, fault }).catch(() => response.destroy());
  });
  server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  process.stdout.write(`listening on :${typeof address === "object" ? address?.port : ""}\n`);
}

function portOf(output: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on("line", (line) => {
      const port = /listening on :(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { port, fault }: { readonly port: number; readonly fault: Fault },
): Promise<void> {
  const { method = "GET", url: path = "/", headers } = request;
  const body = { read: null as Promise<string> | null };
  const readOnce = (): Promise<string> => (body.read ??= readText(request));
  const secrets = request.headersDistinct[secretHeader];
  const given: Passage = {
    method,
    path,
    headers: { ...headers, ...(secrets && { [secretHeader]: secrets }) },
  };
  const asked = (await fault.ask?.(given, readOnce)) ?? given;
  if ("status" in asked) return send(response, asked);
  const { "content-length": length, ...others } = asked.headers;
  const isSame = asked.body === undefined;
  const passedOn = isSame && length !== undefined ? { ...others, "content-length": length } : others;
  const call = sendRequest(
    { host: "127.0.0.1", port, method: asked.method, path: asked.path, headers: passedOn, agent: false },
    (answer) => {
      relay(answer, response, { asked, fault }).catch(() => response.destroy());
    },
  );
  call.on("error", () => response.destroy());
  response.on("close", () => call.destroy());
  if (body.read === null) {
    // the harness may refuse a request by its head
    call.flushHeaders();
    request.pipe(call);
  } else call.end(asked.body ?? (await body.read));
}

async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  { asked, fault }: { readonly asked: Passage; readonly fault: Fault },
): Promise<void> {
  const text = await readText(answer);
  const passed = { status: answer.statusCode ?? 502, body: toJson(text) };
  send(response, fault.answer?.(passed, asked) ?? passed);
}

function send(response: ServerResponse, { status, body }: Passed): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function readText(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Undefined where it is none. */
export function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type View = Readonly<Record<string, unknown>>;

/** The body of an answer to a read of a job; null for other answers. */
export function viewIn({ status, body }: Passed, { method, path }: Passage): View | null {
  const isRead = status === 200 && method === "GET" && path.startsWith("/jobs/");
  return isRead && typeof body === "object" && body !== null ? { ...body } : null;
}
