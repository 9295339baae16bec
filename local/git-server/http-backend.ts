/** Runs `git http-backend`, git's own CGI program, for one request and passes its answer on. */
import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { finished, pipeline } from "node:stream/promises";
import { gitEnvironment } from "./git.ts";
import type { GitRoute } from "./route.ts";

export interface BackendRequest {
  readonly root: string;
  readonly route: GitRoute;
  readonly user: string;
  /** Added for the hooks of the repository; see `hooks.ts`. */
  readonly environment: Readonly<Record<string, string>>;
}

const headerEnd = "\r\n\r\n";
const maxHeaderBytes = 64 * 1024;

/**
 * Resolves when git has ended and the whole answer is written, but not ended: the caller ends it, so that it can record what
 * happened before the client knows. `log` gets what git says on stderr.
 */
export async function runHttpBackend(
  { root, route, user, environment }: BackendRequest,
  request: IncomingMessage,
  response: ServerResponse,
  log: (line: string) => void,
): Promise<void> {
  const { headers } = request;
  const git = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...gitEnvironment(root),
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: route.pathInfo,
      QUERY_STRING: route.query,
      REMOTE_USER: user,
      REMOTE_ADDR: "127.0.0.1",
      CONTENT_TYPE: headers["content-type"] ?? "",
      // A gzip body is unpacked by git itself; without a length it reads to the end of a chunked one.
      ...(headers["content-encoding"] === undefined
        ? {}
        : { HTTP_CONTENT_ENCODING: headers["content-encoding"] }),
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: headers["content-length"] }),
      ...(typeof headers["git-protocol"] === "string" ? { GIT_PROTOCOL: headers["git-protocol"] } : {}),
    },
  });
  const ended = new Promise<void>((resolve, reject) => {
    git.once("error", reject);
    git.once("close", () => {
      resolve();
    });
  });
  git.stderr.setEncoding("utf8").on("data", (text: string) => {
    log(text.trimEnd());
  });
  const fed = pipeline(request, git.stdin).catch(() => {
    // git refused before it had read everything, and its answer says why; or the client went away, and git sees the end.
  });
  // A client that goes away in the middle of a push must leave no git behind; receive-pack then keeps no ref of it.
  response.once("close", () => {
    if (!response.writableFinished) git.kill("SIGTERM");
  });
  await Promise.all([passOn(git.stdout, response), ended, fed]);
}

/** CGI: header lines, an empty line, the body. `Status: 403 Forbidden` stands for anything but 200. */
async function passOn(stdout: NodeJS.ReadableStream, response: ServerResponse): Promise<void> {
  let head = Buffer.alloc(0);
  let inBody = false;
  stdout.on("data", (chunk: Buffer) => {
    if (!inBody) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(headerEnd);
      if (end < 0 && head.length <= maxHeaderBytes) return;
      inBody = true;
      writeHead(head.subarray(0, Math.max(end, 0)).toString("latin1"), response);
      chunk = head.subarray(end + headerEnd.length);
    }
    if (chunk.length > 0 && !response.write(chunk) && !response.destroyed) {
      stdout.pause();
      response.once("drain", () => stdout.resume());
    }
  });
  response.once("close", () => stdout.resume());
  await finished(stdout, { writable: false });
  if (!inBody) response.writeHead(502);
}

function writeHead(head: string, response: ServerResponse): void {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}
