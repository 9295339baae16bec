import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { test } from "vitest";
import type { Flow } from "../../../container/job-context.ts";
import { rawRequest } from "./raw-request.ts";
import { makeBody, startHarness } from "./start-harness.ts";

const done: Flow = async () => ({ state: "done", result: { summary: "done it" } });
const never: Flow = (_job, { stop }) =>
  new Promise((resolve) => {
    stop.addEventListener("abort", () => resolve({ state: "failed", error: "stopped" }));
  });

/** A request line, written by hand. */
const raw = (port: number, line: string): Promise<string> =>
  rawRequest(port, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);

test("health tells the boot and the instance and nothing else is needed for it", async ({ expect }) => {
  const { get, harness } = await startHarness({ flow: done });
  const { status, body } = await get("/health");
  expect(status).toBe(200);
  expect(body).toStrictEqual({ status: "ok", boot: harness.boot, instance: null });
});

test("a dispatched job is accepted, carried out and read", async ({ expect }) => {
  const { post, ended, harness } = await startHarness({ flow: done });
  const job = makeBody({ jobId: "job one/ä" });
  expect(await post(job)).toStrictEqual({
    status: 202,
    body: { jobId: "job one/ä", state: "running", boot: harness.boot, instance: null },
  });
  expect(await ended("job one/ä")).toMatchObject({
    id: "job one/ä",
    state: "done",
    phase: "done",
    result: { summary: "done it" },
  });
});

test("what of a body was dropped, and what its flow has no use for, is named in the answer", async ({
  expect,
}) => {
  const { post } = await startHarness({ flow: done });
  const body = makeBody({ full: "yes", infra: { environment: "local" } });
  expect(await post(body)).toMatchObject({
    status: 202,
    body: {
      warnings: ["'full' was ignored: it must be true or false.", "'infra' has no effect in a coding job."],
    },
  });
});

test("the same id again attaches to the job, whatever the new body says", async ({ expect }) => {
  const { post, ended } = await startHarness({ flow: done });
  const job = makeBody();
  await post(job);
  const first = await ended(String(job["jobId"]));
  expect(await post({ ...job, userPrompt: "Something else." })).toMatchObject({
    status: 202,
    body: { state: "done" },
  });
  expect(await ended(String(job["jobId"]))).toStrictEqual(first);
});

test("what is no route is not found, in the one wording", async ({ expect }) => {
  const { url, port } = await startHarness({ flow: done });
  const requests = [
    ["GET", "/"],
    ["GET", "/health?x"],
    ["GET", "/health/"],
    ["POST", "/health"],
    ["POST", "/jobs?x"],
    ["POST", "/jobs/"],
    ["GET", "/jobs"],
    ["DELETE", "/jobs"],
    ["PUT", "/jobs/a"],
    ["PATCH", "/jobs/a"],
    ["OPTIONS", "/jobs"],
  ] as const;
  for (const [method, path] of requests) {
    const response = await fetch(url + path, { method });
    expect([method, path, response.status, await response.json()]).toStrictEqual([
      method,
      path,
      404,
      { error: "not found" },
    ]);
  }
  expect((await raw(port, "HEAD /health HTTP/1.1")).split("\r\n")[0]).toBe("HTTP/1.1 404 Not Found");
});

test("an unknown job is not found, and its id may hold anything", async ({ expect }) => {
  const { get } = await startHarness({ flow: done });
  for (const path of [
    "/jobs/nobody",
    "/jobs/",
    "/jobs/a?b",
    "/jobs/a/b",
    "/jobs/%E2%82%AC",
    "/jobs/__proto__",
  ]) {
    expect([path, await get(path)]).toStrictEqual([path, { status: 404, body: { error: "job not found" } }]);
  }
});

test("a malformed escape in an id is told, and the server lives", async ({ expect }) => {
  const { get, url } = await startHarness({ flow: done });
  expect(await get("/jobs/%ZZ")).toMatchObject({ status: 400, body: { code: "invalid-id" } });
  const stop = await fetch(`${url}/jobs/%ZZ`, { method: "DELETE", body: "{}" });
  expect(stop.status).toBe(400);
  expect((await get("/health")).status).toBe(200);
});

test("kinds that every object inherits are unknown kinds", async ({ expect }) => {
  const { post } = await startHarness({ flow: done });
  for (const kind of ["constructor", "__proto__", "toString", "hasOwnProperty", "build"]) {
    expect(await post(makeBody({ kind }))).toStrictEqual({
      status: 404,
      body: { error: `unknown job kind '${kind}'` },
    });
  }
  for (const text of ["{}", "[]", '"agent"', "5", "true"]) {
    expect(await post(text)).toStrictEqual({ status: 404, body: { error: "unknown job kind 'undefined'" } });
  }
});

test("invariant 10: a refusal holds no credential of the body it refuses, and neither does the log", async ({
  expect,
}) => {
  const { post, logLines } = await startHarness({ flow: done });
  const ghToken = "of-no-shape-x7y8z9";
  const repo = { owner: "o", name: "n", baseBranch: "main", cloneUrl: `https://${ghToken}.example/x.git` };
  for (const [fields, error] of [
    [{ kind: `kind ${ghToken}` }, "unknown job kind 'kind ***'"],
    [{ repo }, "Invalid job: 'repo.cloneUrl' host '***.example' is not an allowed GitHub host"],
  ] as const) {
    expect((await post(makeBody({ ghToken, ...fields }))).body).toEqual({ error });
  }
  expect(logLines.join("\n")).toContain("dispatch.answered");
  expect(logLines.join("\n")).not.toContain(ghToken);
});

test("what is no JSON is told in the engine's words", async ({ expect }) => {
  const { post } = await startHarness({ flow: done });
  expect(await post("")).toStrictEqual({ status: 400, body: { error: "Unexpected end of JSON input" } });
  expect(await post("null")).toMatchObject({
    status: 400,
    body: { error: "Invalid job: body must be an object" },
  });
});

test("an invalid job is refused with its field, and no job is made of it", async ({ expect }) => {
  const { post, get } = await startHarness({ flow: done });
  expect(await post(makeBody({ jobId: "j1", branch: "" }))).toStrictEqual({
    status: 400,
    body: { error: "Invalid job: 'branch' must be a non-empty string" },
  });
  expect((await get("/jobs/j1")).status).toBe(404);
});

test("bodies that are too large, too deep, compressed or poisoned get a clear answer and harm nothing", async ({
  expect,
}) => {
  const { post, url, port, get } = await startHarness({ flow: done });
  const tooLarge = JSON.stringify(makeBody({ userPrompt: "x".repeat(5 * 1024 * 1024) }));
  expect(await post(tooLarge)).toMatchObject({ status: 413, body: { code: "body-too-large" } });
  const chunked = await fetch(`${url}/jobs`, {
    method: "POST",
    body: new Blob([tooLarge]).stream(),
    duplex: "half",
  });
  expect(chunked.status).toBe(413);
  const head = "POST /jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const endless = `${head}${(5 * 1024 * 1024).toString(16)}\r\n${"x".repeat(5 * 1024 * 1024)}`;
  expect(await rawRequest(port, endless)).toMatch(/^HTTP\/1\.1 413/);
  const deep = `{"kind":"agent","x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  expect(await post(deep)).toMatchObject({ status: 400, body: { code: "too-deep" } });
  const compressed = await fetch(`${url}/jobs`, {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body: gzipSync(JSON.stringify(makeBody())),
  });
  expect(compressed.status).toBe(415);
  expect(await post('{"kind":"agent","__proto__":{"x":1}}')).toMatchObject({
    status: 400,
    body: { code: "forbidden-key" },
  });
  expect((await get("/health")).status).toBe(200);
  expect((await post(makeBody())).status).toBe(202);
});

test("requests that are no HTTP, or break off, leave the server answering", async ({ expect }) => {
  const { port, get } = await startHarness({ flow: done });
  expect(await raw(port, "\u0000\u0001nonsense")).toContain("400");
  expect(await raw(port, "GET //%ZZ/../.. HTTP/1.1")).toMatch(/^HTTP\/1\.1 4\d\d/);
  const socket = connect(port, "127.0.0.1");
  socket.write("POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{");
  socket.destroy();
  expect((await get("/health")).status).toBe(200);
});

test("a stop is taken once the job is known, and needs its cause", async ({ expect }) => {
  const { post, stop, ended } = await startHarness({ flow: never });
  const job = makeBody({ jobId: "j1" });
  expect(await stop("j1", { cause: "cancelled", graceMs: 100 })).toStrictEqual({
    status: 404,
    body: { error: "job not found" },
  });
  await post(job);
  expect((await stop("j1", { graceMs: 100 })).status).toBe(400);
  expect(await stop("j1", { cause: "cancelled", graceMs: 100, reason: "no need" })).toStrictEqual({
    status: 202,
    body: { jobId: "j1", state: "running" },
  });
  expect(await ended("j1")).toMatchObject({
    state: "failed",
    error: "Aborted: cancelled: no need (in starting phase; no tool had completed yet)",
  });
  expect(await stop("j1", { cause: "cancelled", graceMs: 100 })).toMatchObject({
    status: 202,
    body: { state: "failed" },
  });
});
