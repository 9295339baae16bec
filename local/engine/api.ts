import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";
import type { Container } from "./container.ts";
import type { Containers, Created } from "./containers.ts";
import { bridge, describeContainer, describeSidecar, EGRESS_IMAGE, listContainers } from "./describe.ts";
import type { FaultOrders } from "./faults.ts";
import { track } from "./listen.ts";
import type { Sidecar } from "./sidecar.ts";

type Reply = { readonly status: number; readonly body?: unknown };

export type ApiOptions = {
  readonly containers: Containers;
  readonly orders: FaultOrders;
  readonly log: (line: string) => void;
};

/** The part of the Docker Engine API that workerd and wrangler use; everything else is 501 and logged. */
export function createApi(options: ApiOptions): Server {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.log(`engine ${request.method} ${request.url}: ${String(error)}`);
      if (!response.headersSent) send(response, { status: 500, body: { message: String(error) } });
    });
  });
  track(server);
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ApiOptions,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://engine");
  const [, kind, rawName = "", action] = url.pathname.split("/");
  const name = decodeURIComponent(rawName);
  const call = `${request.method} ${action ?? ""}`.trimEnd();
  if (url.pathname === "/_ping") return send(response, { status: 200, body: "OK" });
  if (url.pathname === "/networks/bridge") return send(response, { status: 200, body: bridge });
  if (url.pathname === "/volumes") return send(response, { status: 200, body: { Volumes: [] } });
  if (url.pathname === "/containers/json") {
    return send(response, {
      status: 200,
      body: listContainers(options.containers.list(), url.searchParams.get("filters")),
    });
  }
  if (url.pathname === "/containers/create") {
    const body = CreateBody.parse(await json(request));
    return send(response, await create(url.searchParams.get("name") ?? "", body, options));
  }
  if (kind !== "containers") {
    options.log(`engine: ${request.method} ${request.url} is not part of this stand-in`);
    return send(response, { status: 501, body: { message: "not part of the process engine" } });
  }
  const sidecar = options.containers.findSidecar(name);
  if (sidecar !== undefined) return send(response, await onSidecar(call, sidecar, options.containers));
  const container = options.containers.find(name);
  if (container === undefined) return send(response, { status: 404, body: { message: "No such container" } });
  if (call === "POST wait") return wait(response, container, url.searchParams.get("condition"));
  return send(response, await onContainer(call, container, { query: url.searchParams, ...options }));
}

const CreateBody = z.looseObject({
  Image: z.string(),
  Cmd: z.array(z.string()).nullish(),
  Entrypoint: z.array(z.string()).nullish(),
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  HostConfig: z.looseObject({ NetworkMode: z.string().nullish() }).nullish(),
});
type CreateBody = z.infer<typeof CreateBody>;

async function create(name: string, body: CreateBody, { containers }: ApiOptions): Promise<Reply> {
  if (body.Image === EGRESS_IMAGE) return toReply(await containers.createSidecar(name));
  const sidecarName = body.HostConfig?.NetworkMode?.replace(/^container:/u, "") ?? `${name}-proxy`;
  const created = await containers.create({
    name,
    image: body.Image,
    entrypoint: body.Entrypoint ?? undefined,
    cmd: body.Cmd ?? undefined,
    env: Object.fromEntries((body.Env ?? []).map(splitAssignment)),
    labels: body.Labels ?? {},
    sidecarName,
  });
  return toReply(created);
}

const refusals = {
  "name-taken": { status: 409, body: { message: "Conflict. The container name is already in use" } },
  closing: { status: 503, body: { message: "the engine is closing" } },
  "no-image": { status: 404, body: { message: "No such image" } },
  "no-sidecar": { status: 404, body: { message: "No such container to share a network with" } },
} as const satisfies Record<Exclude<Created["kind"], "created">, Reply>;

function toReply(created: Created): Reply {
  if (created.kind !== "created") return refusals[created.kind];
  return { status: 201, body: { Id: created.id, Warnings: [] } };
}

async function onSidecar(call: string, sidecar: Sidecar, containers: Containers): Promise<Reply> {
  switch (call) {
    case "GET json":
      return { status: 200, body: describeSidecar(sidecar) };
    case "DELETE":
      await containers.removeSidecar(sidecar.name);
      return { status: 204 };
    case "POST wait":
      return { status: 200, body: { StatusCode: 0 } };
    default:
      return { status: 204 };
  }
}

type ContainerCall = ApiOptions & { readonly query: URLSearchParams };

async function onContainer(call: string, container: Container, options: ContainerCall): Promise<Reply> {
  const { state } = container.snapshot();
  switch (call) {
    case "GET json":
      return { status: 200, body: describeContainer(container) };
    case "POST start": {
      if (state !== "created") return { status: 304 };
      const refusal = await options.orders.takeRefusal(container);
      if (refusal !== undefined) return { status: 500, body: { message: refusal } };
      await options.orders.start(container);
      return { status: 204 };
    }
    case "POST kill":
      if (state !== "running") return { status: 409, body: { message: "container is not running" } };
      container.signal(toSignal(options.query.get("signal")));
      return { status: 204 };
    case "POST stop":
      if (state !== "running") return { status: 304 };
      await container.stop(Number(options.query.get("t") ?? 10) * 1_000);
      return { status: 204 };
    case "DELETE":
      await options.orders.passRemoval(container);
      await container.remove();
      return { status: 204 };
    case "PUT archive":
      return { status: 200 };
    default:
      options.log(`engine: ${call} on a container is not part of this stand-in`);
      return { status: 501, body: { message: "not part of the process engine" } };
  }
}

/** Headers leave at once and the body at the end, as Docker does. */
async function wait(response: ServerResponse, container: Container, condition: string | null): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const how = await container.wait(condition === "removed" ? "removed" : "not-running");
  if (how.kind === "cut") response.destroy();
  else response.end(JSON.stringify({ StatusCode: how.exitCode }));
}

function splitAssignment(assignment: string): [string, string] {
  const at = assignment.indexOf("=");
  return at < 0 ? [assignment, ""] : [assignment.slice(0, at), assignment.slice(at + 1)];
}

const Signal = z.custom<NodeJS.Signals>((name) => typeof name === "string" && /^SIG[A-Z0-9]+$/u.test(name));

function toSignal(name: string | null): NodeJS.Signals {
  return Signal.parse(name ?? "SIGKILL");
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
