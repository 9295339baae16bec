import { request } from "node:http";
import { test } from "vitest";
import { SECRET_HEADER } from "../../../shared/harness-wire.ts";
import type { Flow } from "../../../container/job-context.ts";
import { rawRequest } from "./raw-request.ts";
import { INSTANCE, makeBody, startHarness } from "./start-harness.ts";

const done: Flow = async () => ({ state: "done", result: {} });
const withKey = (key: string): Record<string, string> => ({ [SECRET_HEADER]: key });

test("with a configured secret nothing but health answers without it", async ({ expect }) => {
  const { get, post, url } = await startHarness({
    flow: done,
    env: { HARNESS_SHARED_SECRET: "s3cret-value" },
  });
  expect((await get("/health")).status).toBe(200);
  for (const path of ["/jobs/a", "/nowhere", "/health?x", "/jobs/%ZZ"]) {
    expect(await get(path)).toStrictEqual({ status: 401, body: { error: "unauthorized" } });
    expect((await get(path, withKey("wrong"))).status).toBe(401);
  }
  expect((await post(makeBody())).status).toBe(401);
  const head = await fetch(`${url}/health`, { method: "HEAD" });
  expect(head.status).toBe(401);
  expect((await get("/jobs/a", withKey("s3cret-value"))).status).toBe(404);
  expect((await post(makeBody(), withKey("s3cret-value"))).status).toBe(202);
});

test("a request is refused before its body is there", async ({ expect }) => {
  const { port } = await startHarness({ flow: done, env: { HARNESS_SHARED_SECRET: "s3cret-value" } });
  const answer = await rawRequest(port, "POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test("a repeated header counts once, by its first value", async ({ expect }) => {
  const { url } = await startHarness({ flow: done, env: { HARNESS_SHARED_SECRET: "right" } });
  const statusWith = (values: string[]): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const call = request(`${url}/jobs/a`, { headers: { [SECRET_HEADER]: values } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.once("error", reject).end();
    });
  expect(await statusWith(["right", "wrong"])).toBe(404);
  expect(await statusWith(["wrong", "right"])).toBe(401);
});

test("inside an execution the first dispatch brings the key of this boot", async ({ expect }) => {
  const { get, post, stop } = await startHarness({ flow: done, env: { HARNESS_INSTANCE: INSTANCE } });
  expect((await get("/jobs/a")).status).toBe(404);
  expect((await post(makeBody({ jobId: "a" }), withKey("control-key-1"))).status).toBe(202);
  expect((await get("/jobs/a")).status).toBe(401);
  expect((await get("/jobs/a", withKey("control-key-2"))).status).toBe(401);
  expect((await post(makeBody(), withKey("control-key-2"))).status).toBe(401);
  expect((await stop("a", { cause: "cancelled", graceMs: 0 })).status).toBe(401);
  expect((await get("/jobs/a", withKey("control-key-1"))).status).toBe(200);
  expect((await get("/health")).status).toBe(200);
});

test("a first dispatch without a key settles that there is none, so no agent can bring one", async ({
  expect,
}) => {
  const { get, post } = await startHarness({ flow: done, env: { HARNESS_INSTANCE: INSTANCE } });
  expect((await post(makeBody({ jobId: "a" }))).status).toBe(202);
  expect((await post(makeBody({ jobId: "b" }), withKey("of-the-agent"))).status).toBe(202);
  expect((await get("/jobs/a")).status).toBe(200);
});

test("outside an execution a header nobody asked for shuts nobody out", async ({ expect }) => {
  const { get, post } = await startHarness({ flow: done });
  expect((await post(makeBody({ jobId: "a" }), withKey("whatever"))).status).toBe(202);
  expect((await get("/jobs/a")).status).toBe(200);
});
