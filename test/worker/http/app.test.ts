import { test } from "vitest";
import { Endpoints } from "../../../shared/endpoints.ts";
import { ErrorBody } from "../../../shared/errors.ts";
import { openapiDocument } from "../../../shared/openapi.ts";
import { createAuthenticator } from "../../../worker/auth/authenticator.ts";
import { assetRoute } from "../../../worker/http/page.ts";
import { VERSION } from "../../../worker/version.ts";
import { makeEdge, makeJobBody } from "./edge.ts";

const ports = {
  clock: { now: () => Date.UTC(2099, 0, 1) },
  fetchKeys: () => Promise.reject(new Error("no keys are fetched here")),
};

const guarded = Endpoints.filter(({ scope }) => scope !== "open");
const concrete = (path: string) => path.replace("{executionId}", "exec_1").replace("{jobId}", "exec_1-coder");

test("every row of the endpoint table is mounted and every mounted route is a row", ({ expect }) => {
  const { app } = makeEdge();
  const mounted = app.routes
    .filter(({ path }) => path !== "/*" && path !== assetRoute)
    .map(({ method, path }) => `${method} ${path}`);
  const rows = Endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`);
  expect(mounted.toSorted()).toEqual(rows.toSorted());
});

test("health answers anybody with the version", async ({ expect }) => {
  const { send } = makeEdge();
  const reply = await send("/health", { token: null });
  expect(await reply.json()).toEqual({ status: "ok", version: VERSION });
});

test("the API's description is open", async ({ expect }) => {
  const { send } = makeEdge();
  const reply = await send("/openapi.json", { token: null });
  expect(await reply.json()).toEqual(JSON.parse(JSON.stringify(openapiDocument(VERSION))));
});

test("every other path is 404 in JSON, also to a browser", async ({ expect }) => {
  const { send, asked } = makeEdge();
  for (const path of [
    "/jobs/",
    "/v1",
    "/v1/executions",
    "/jobs/a/b",
    "/nothing",
    "/health/x",
    "/favicon.ico",
    "/index.html",
    "/assets",
    "/assets/",
    "/assets/app.js",
    "/assets/app-00000000.js",
    "/assets/..%2Findex.html",
    "/assets/app-00000000.js/x",
  ]) {
    const reply = await send(path, { headers: { accept: "text/html" } });
    expect([path, reply.status]).toEqual([path, 404]);
    expect(ErrorBody.parse(await reply.json())).toMatchObject({ error: "not found", code: "not-found" });
  }
  expect((await send("/jobs", { method: "PUT", body: makeJobBody() })).status).toBe(404);
  expect(asked).toEqual([]);
});

test("HEAD takes no delivery", async ({ expect }) => {
  const { send, asked } = makeEdge();
  expect((await send("/jobs/exec_1-coder", { method: "HEAD" })).status).toBe(404);
  expect(asked).toEqual([]);
});

test("HEAD of what delivers nothing answers as GET would, without a body", async ({ expect }) => {
  const { send } = makeEdge();
  const browser = { token: null, headers: { accept: "text/html" } } as const;
  const cases = [
    ["/health", { token: null }],
    ["/docs", { token: null }],
    ["/openapi.json", { token: null }],
    ["/", browser],
    ["/", {}],
    ["/", { token: null }],
  ] as const;
  for (const [path, sent] of cases) {
    const [whole, head] = [await send(path, sent), await send(path, { ...sent, method: "HEAD" })];
    expect(head.status, path).toBe(whole.status);
    expect([...head.headers], path).toEqual([...whole.headers]);
    expect(await head.text()).toBe("");
  }
});

test("every answer is marked for no cache and no guessing, and names its request", async ({ expect }) => {
  const { send } = makeEdge();
  const answers = [send("/health"), send("/jobs/exec_1-coder"), send("/nothing"), send("/jobs/%ZZ")];
  for (const { headers } of await Promise.all(answers)) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-request-id")).toBe("request-1");
    expect(headers.has("access-control-allow-origin")).toBe(false);
  }
});

test("a caller's own request id is kept where it is one", async ({ expect }) => {
  const { send } = makeEdge();
  const kept = await send("/health", { headers: { "x-request-id": "trace-7" } });
  const replaced = await send("/health", { headers: { "x-request-id": "<b>" } });
  expect(kept.headers.get("x-request-id")).toBe("trace-7");
  expect(replaced.headers.get("x-request-id")).toBe("request-1");
});

for (const { method, path } of guarded) {
  test(`${method} ${path} serves nobody while no authentication is configured`, async ({ expect }) => {
    const { send, asked } = makeEdge({ deps: { authenticate: createAuthenticator({}, ports) } });
    const reply = await send(concrete(path), { method });
    expect(reply.status).toBe(503);
    expect(ErrorBody.parse(await reply.json()).code).toBe("auth-not-configured");
    expect(asked).toEqual([]);
  });

  test(`${method} ${path} is 401 without a token and with a wrong one`, async ({ expect }) => {
    const { send, asked } = makeEdge();
    const none = await send(concrete(path), { method, token: null });
    const wrong = await send(concrete(path), { method, token: "wrong" });
    expect([none.status, wrong.status]).toEqual([401, 401]);
    expect(ErrorBody.parse(await none.json())).toMatchObject({ error: "unauthorized", code: "unauthorized" });
    expect(asked).toEqual([]);
  });
}

test("a caller over its rate is told to wait, by its own count", async ({ expect }) => {
  const counted: string[] = [];
  const isWithinRate = async (caller: string) => counted.push(caller) <= 1;
  const { send, asked } = makeEdge({ deps: { isWithinRate } });
  await send("/v1/executions/exec_1");
  const reply = await send("/v1/executions/exec_1");
  expect([reply.status, reply.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(ErrorBody.parse(await reply.json()).code).toBe("rate-limited");
  expect(counted).toEqual(["token:ci", "token:ci"]);
  expect(asked.length).toBe(1);
});

test("a refusal that waiting does not help says no time to wait", async ({ expect }) => {
  const full = { ok: false, code: "execution-full", error: "this execution holds 200 jobs" } as const;
  const { send } = makeEdge({ answers: { dispatch: () => Promise.resolve(full) } });
  const reply = await send("/jobs", { method: "POST", body: makeJobBody() });
  expect([reply.status, reply.headers.get("retry-after")]).toEqual([429, null]);
});

test("a request that may change something is a line of the log, under the name its object is told; a read is none", async ({
  expect,
}) => {
  const { send, lines, dispatched } = makeEdge();
  const headers = { "x-request-id": "caller-7" };
  const reply = await send("/jobs", { method: "POST", body: makeJobBody(), headers });
  expect(reply.status).toBe(202);
  await send("/jobs", { method: "POST", body: makeJobBody(), headers, token: null });
  await send("/jobs/exec_1-coder", { headers });
  const told = { endpoint: "dispatch-job", requestId: "caller-7" };
  expect(lines).toMatchObject([
    { event: "request.answered", fields: { ...told, status: 202 } },
    { event: "request.answered", fields: { ...told, status: 401 } },
  ]);
  expect(dispatched.map(({ requestId }) => requestId)).toEqual(["caller-7"]);
});
