/**
 * The original harness, as its contract tells it: everything of the job protocol and none of what came after it. No beats,
 * no way to stop a job, reads that take for good, the whole environment for everybody, the direct child alone ended, and a
 * server that a malformed escape ends.
 */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fields, isRecord, parseJob } from "./original/body.ts";
import { runFlow } from "./original/flows.ts";
import { redact } from "./original/program.ts";
import { Registry } from "./original/registry.ts";

const { env } = process;
const secret = env["HARNESS_SHARED_SECRET"] ?? "";
const allowedHosts = ["github.com", "api.github.com", ...(env["GITHUB_ALLOWED_HOSTS"] ?? "").split(",")];
const followUpPollMs = Number(env["JOB_FOLLOWUP_POLL_INTERVAL_MS"] ?? 3_000);

const registry = new Registry(
  {
    inactivityMs: Number(env["JOB_INACTIVITY_MS"] ?? 600_000),
    maxDurationMs: Number(env["JOB_MAX_DURATION_MS"] ?? 3_600_000),
  },
  (job, reporter) => runFlow(parseJob(job, allowedHosts), reporter, followUpPollMs),
);

const kinds: Readonly<Record<string, { readonly parse: (body: Fields) => string }>> = {
  agent: { parse: (body) => parseJob(body, allowedHosts).jobId },
};

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = "" } = request;
  if (method === "GET" && url === "/health") return answer(response, 200, { status: "ok" });
  const given = request.headersDistinct["x-harness-secret"]?.[0] ?? "";
  if (secret !== "" && given !== secret) return answer(response, 401, { error: "unauthorized" });
  if (method === "POST" && url === "/jobs") return dispatch(request, response);
  if (method === "GET" && url.startsWith("/jobs/")) {
    // outside of any catch
    const view = registry.read(decodeURIComponent(url.slice("/jobs/".length)));
    return view === undefined
      ? answer(response, 404, { error: "job not found" })
      : answer(response, 200, view);
  }
  return answer(response, 404, { error: "not found" });
}

async function dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (body === null) throw new TypeError("Cannot read properties of null (reading 'kind')");
    const fields = isRecord(body) ? body : {};
    const kind = String(fields["kind"]);
    const entry = kinds[kind];
    if (entry === undefined) return answer(response, 404, { error: `unknown job kind '${kind}'` });
    const jobId = entry.parse(fields);
    return answer(response, 202, { jobId, state: registry.start(jobId, fields) });
  } catch (error) {
    return answer(response, 400, { error: redact(error instanceof Error ? error.message : String(error)) });
  }
}

function answer(response: ServerResponse, status: number, body: Fields): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => void handle(request, response));
server.listen(Number(env["PORT"] ?? 8080), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on :${port}\n`);
});
