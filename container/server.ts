import { type HttpBindings, getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { parseBoundedJson } from "../shared/bounded-json.ts";
import { HarnessStop, type HarnessView, SECRET_HEADER, STOP_GRACE_MAX_MS } from "../shared/harness-wire.ts";
import { decodeSegment } from "../shared/ids.ts";
import { Limits } from "../shared/limits.ts";
import type { Handler } from "./front-door.ts";
import type { Log } from "./ports.ts";
import type { Registry } from "./registry.ts";
import { readBody } from "./server/body.ts";
import { type DispatchOptions, type Reply, dispatchJob } from "./server/dispatch.ts";
import type { Gate } from "./server/gate.ts";

export type ServerOptions = DispatchOptions & {
  readonly registry: Registry;
  readonly gate: Gate;
  readonly log: Log;
};

/**
 * The HTTP surface. Paths are matched byte for byte as they stand in the request line, query and all, since an id may
 * hold anything; a HEAD is no GET.
 */
export function createApp(options: ServerOptions): Hono<{ Bindings: HttpBindings }> {
  const { registry, gate, log } = options;
  const app = new Hono<{ Bindings: HttpBindings }>({
    getPath: (_request, settings) => settings?.env?.incoming.url ?? "/",
  });
  app.use(async (c, next) => {
    const { method, url = "" } = c.env.incoming;
    const given = c.env.incoming.headersDistinct[SECRET_HEADER]?.[0];
    if (!gate.admits(given, method === "POST" && url === "/jobs"))
      return c.json({ error: "unauthorized" }, 401);
    return method === "HEAD" ? c.json(NOT_FOUND, 404) : await next();
  });
  app.post("/jobs", async (c) => {
    const body = await readBody(c.env.incoming, Limits.dispatchBytes);
    const { status, body: answer } = body.ok ? dispatchJob(body.bytes, options) : tooMuch(body);
    log.write(status === 202 ? "info" : "warn", "dispatch.answered", { status, ...answer });
    return c.json(answer, status);
  });
  app.get("/jobs/*", (c) => {
    const { url } = c.env.incoming;
    const id = jobIdOf(url);
    if (!id.ok) return c.json(id.body, id.status);
    const view = registry.read(id.jobId) ?? readAfter(url, registry);
    return view === undefined ? c.json(JOB_NOT_FOUND, 404) : c.json(view);
  });
  app.delete("/jobs/*", async (c) => {
    const id = jobIdOf(c.env.incoming.url);
    if (!id.ok) return c.json(id.body, id.status);
    const body = await readBody(c.env.incoming, Limits.smallBodyBytes);
    const { status, body: answer } = body.ok ? stopJob(id.jobId, body.bytes, registry) : tooMuch(body);
    log.write("info", "stop.answered", { jobId: id.jobId, status });
    return c.json(answer, status);
  });
  app.notFound((c) => c.json(NOT_FOUND, 404));
  app.onError((error, c) => {
    log.write("error", "request.threw", { error });
    return c.json({ error: "internal error", code: "internal-error" }, 500);
  });
  return app;
}

/** What answers a request; no request ends the process. */
export function createHandler(options: ServerOptions): Handler {
  const answer = getRequestListener(createApp(options).fetch);
  return (request, response) => void answer(request, response);
}

const NOT_FOUND = { error: "not found" } as const;
const JOB_NOT_FOUND = { error: "job not found" } as const;

type JobIdOf = { readonly ok: true; readonly jobId: string } | ({ readonly ok: false } & Reply);

/** All that follows `/jobs/`, percent-decoded once. */
function jobIdOf(url: string | undefined): JobIdOf {
  const prefix = "/jobs/";
  if (url === undefined || !url.startsWith(prefix)) return { ok: false, status: 404, body: NOT_FOUND };
  const jobId = decodeSegment(url.slice(prefix.length));
  if (jobId !== null) return { ok: true, jobId };
  const error = "the job id is not percent-encoded as it has to be";
  return { ok: false, status: 400, body: { error, code: "invalid-id" } };
}

/** `?after=<cursor>` behind an id; a job whose id is all of that comes first. */
function readAfter(url: string | undefined, registry: Registry): HarnessView | undefined {
  const [, path, cursor] = /^([^?]*)\?after=([\d.]{1,40})$/.exec(url ?? "") ?? [];
  const id = jobIdOf(path);
  return id.ok && cursor !== undefined ? registry.read(id.jobId, cursor) : undefined;
}

function stopJob(jobId: string, bytes: Uint8Array, registry: Registry): Reply {
  const parsed = parseBoundedJson(bytes, { maxBytes: Limits.smallBodyBytes, maxDepth: Limits.nestingDepth });
  if (!parsed.ok) return { status: 400, body: { error: parsed.error, code: parsed.code } };
  const wish = HarnessStop.safeParse(parsed.value);
  if (!wish.success) {
    const error = `a stop needs a 'cause' and a 'graceMs' between 0 and ${STOP_GRACE_MAX_MS}`;
    return { status: 400, body: { error, code: "invalid-request" } };
  }
  const state = registry.stop(jobId, wish.data);
  return state === undefined ? { status: 404, body: JOB_NOT_FOUND } : { status: 202, body: { jobId, state } };
}

function tooMuch(refused: {
  readonly code: "body-too-large" | "unsupported-encoding";
  readonly error: string;
}): Reply {
  const { code, error } = refused;
  return { status: code === "body-too-large" ? 413 : 415, body: { error, code } };
}
