import { type Context, Hono } from "hono";
import { type Endpoint, type EndpointId, Endpoints } from "../shared/endpoints.ts";
import { type Refusal, refuse } from "../shared/errors.ts";
import type { CallerScope } from "./auth/authenticator.ts";
import { readBoard } from "./http/board.ts";
import { readBundle } from "./http/bundle.ts";
import type { EdgeDeps, Handler } from "./http/call.ts";
import { readEvents } from "./http/events.ts";
import { idsIn } from "./http/ids.ts";
import { dispatchJob, readJob as readProtocolJob, stopJob } from "./http/job-protocol.ts";
import { cancelJob, dispatch, extendJob, readExecution, readJob, release } from "./http/native.ts";
import { health, root, wantsPage } from "./http/open.ts";
import { assetRoute, readAsset, shell } from "./http/page.ts";
import { docs, openapi } from "./http/reference.ts";
import { internalError, refusalResponse, secureHeaders, untilRateResets } from "./http/refusal.ts";

export type App = Hono<{ Variables: { requestId: string } }>;

/** The HTTP edge: every row of the endpoint table mounted, behind what the row says it needs. */
export function createApp(deps: EdgeDeps): App {
  const app: App = new Hono();
  app.use(async (c, next) => {
    c.set("requestId", requestIdOf(c.req.raw, deps));
    await next();
    for (const [name, value] of Object.entries(secureHeaders)) {
      if (!c.res.headers.has(name)) c.header(name, value);
    }
    c.header("x-request-id", c.get("requestId"));
  });
  for (const endpoint of Endpoints) {
    app.on(endpoint.method, endpoint.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (c) => {
      const requestId = c.get("requestId");
      const startedAt = deps.clock.now();
      const response = toResponse(await answer(endpoint, c.req.raw, requestId, deps), c, deps);
      // Reads are many and change nothing; nothing that the caller wrote stands in the line.
      if (endpoint.method !== "GET") {
        const { status } = response;
        const durationMs = deps.clock.now() - startedAt;
        const log = deps.log.child({ requestId });
        log.write("info", "request.answered", { endpoint: endpoint.id, status, durationMs });
      }
      return response;
    });
  }
  app.get(
    assetRoute,
    async (c) => (await readAsset(deps.assets, c.req.path)) ?? toResponse(notFound, c, deps),
  );
  app.notFound((c) => toResponse(notFound, c, deps));
  app.onError((error, c) => {
    deps.log.write("error", "request.failed", {
      requestId: c.get("requestId"),
      method: c.req.method,
      path: c.req.routePath,
      error,
    });
    return toResponse(internalError, c, deps);
  });
  return app;
}

const handlers: Readonly<Record<EndpointId, Handler>> = {
  health,
  root,
  openapi,
  docs,
  "dispatch-job": dispatchJob,
  "read-job": readProtocolJob,
  "stop-job": stopJob,
  dispatch,
  execution: readExecution,
  job: readJob,
  events: readEvents,
  bundle: readBundle,
  cancel: cancelJob,
  extend: extendJob,
  release,
  board: readBoard,
};

const notFound = refuse("not-found", "not found");

async function answer(
  endpoint: (typeof Endpoints)[number],
  request: Request,
  requestId: string,
  deps: EdgeDeps,
): Promise<Response | Refusal> {
  if (request.method === "HEAD" && !answersHead(endpoint)) return notFound;
  const url = new URL(request.url);
  if (endpoint.id === "root" && wantsPage(request)) return shell(deps.assets);
  const scope = scopeOf(endpoint, url);
  if (scope !== "open") {
    const refusal = await refuseCaller(request, { scope, door: endpoint.door }, deps);
    if (refusal !== null) return refusal;
  }
  const ids = idsIn(endpoint.path, url.pathname);
  if (!ids.ok) return ids;
  const { jobId, executionId, board } = ids;
  return handlers[endpoint.id]({ request, url, jobId, executionId, board, requestId }, deps);
}

/** Hono answers HEAD with the GET of a path, and the GET of a job takes delivery of what HEAD would then throw away. */
function answersHead({ id, scope }: (typeof Endpoints)[number]): boolean {
  return scope === "open" || id === "root";
}

/** A read of the job protocol that takes nothing needs no more than a read of the native API. */
function scopeOf(endpoint: (typeof Endpoints)[number], url: URL): Endpoint["scope"] {
  return endpoint.id === "read-job" && url.searchParams.has("after") ? "read" : endpoint.scope;
}

async function refuseCaller(
  request: Request,
  needed: { readonly scope: CallerScope; readonly door: Endpoint["door"] },
  deps: EdgeDeps,
): Promise<Refusal | null> {
  const authenticated = await deps.authenticate(request, needed);
  if (!authenticated.ok) return authenticated;
  if (await deps.isWithinRate(authenticated.caller.name)) return null;
  return refuse("rate-limited", "too many requests: wait a minute, and let reads wait with ?wait");
}

/** The texts of a refusal may quote the request, and a request may carry anything. */
function toResponse(answer: Response | Refusal, c: Context, { redact }: EdgeDeps): Response {
  if (answer instanceof Response) return answer;
  const { details = {} } = answer;
  const masked = Object.entries(details).map(([name, value]) => {
    if (typeof value === "string") return [name, redact(value)];
    return [name, Array.isArray(value) ? value.map((text) => redact(String(text))) : value];
  });
  const refusal = { ...answer, error: redact(answer.error) };
  return refusalResponse(
    masked.length === 0 ? refusal : { ...refusal, details: Object.fromEntries(masked) },
    c.get("requestId"),
    refusal.code === "rate-limited" ? untilRateResets : {},
  );
}

/** A caller's own id, where it is one, so that both logs name a request alike. */
function requestIdOf(request: Request, deps: EdgeDeps): string {
  const given = request.headers.get("x-request-id") ?? "";
  return /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : deps.random.id();
}
