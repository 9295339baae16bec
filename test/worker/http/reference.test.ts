import { SELF } from "cloudflare:test";
import { test } from "vitest";
import { openapiDocument } from "../../../shared/openapi.ts";
import { VERSION } from "../../../worker/version.ts";
import { makeEdge } from "./edge.ts";

const page = "https://holt.example/docs";

test("the reference is open, a page of this API, and asked for again before it is used again", async ({
  expect,
}) => {
  const reply = await SELF.fetch(page);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(reply.headers.get("cache-control")).toBe("no-cache");
  expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
  expect(reply.headers.get("x-request-id")).not.toBe(null);
  const text = await reply.text();
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).toContain(`API ${VERSION}</title>`);
});

test("its policy allows its own style sheet and nothing else", async ({ expect }) => {
  const reply = await SELF.fetch(page);
  const policy = reply.headers.get("content-security-policy") ?? "";
  const [, sheet = ""] = /<style>([^<]*)<\/style>/.exec(await reply.text()) ?? [];
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sheet)));
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${btoa(String.fromCharCode(...digest))}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

test("an unchanged description costs one answer without a body, and is asked for again before it is used again", async ({
  expect,
}) => {
  const address = "https://holt.example/openapi.json";
  const { status, headers } = await SELF.fetch(address);
  const tag = headers.get("etag") ?? "";
  expect([status, headers.get("cache-control")]).toEqual([200, "no-cache"]);
  expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
  for (const known of [tag, `W/${tag}`]) {
    const same = await SELF.fetch(address, { headers: { "if-none-match": known } });
    expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, tag, ""]);
  }
  expect((await SELF.fetch(address, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test("an unchanged reference costs one answer without a body", async ({ expect }) => {
  const tag = (await SELF.fetch(page)).headers.get("etag") ?? "";
  expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
  // What compresses the answer on its way weakens the tag.
  for (const known of [tag, `W/${tag}`]) {
    const same = await SELF.fetch(page, { headers: { "if-none-match": known } });
    expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, tag, ""]);
  }
  expect((await SELF.fetch(page, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test("the page is of the description that is served", async ({ expect }) => {
  const { send } = makeEdge();
  const description: unknown = await (await send("/openapi.json", { token: null })).json();
  expect(description).toEqual(JSON.parse(JSON.stringify(openapiDocument(VERSION))));
  const ours = (await send("/docs", { token: null })).headers.get("etag");
  expect(ours).toBe((await SELF.fetch(page)).headers.get("etag"));
});

test("no other method is answered", async ({ expect }) => {
  for (const method of ["POST", "DELETE", "PUT"]) {
    expect((await SELF.fetch(page, { method })).status).toBe(404);
  }
  expect((await SELF.fetch(page, { method: "HEAD" })).status).toBe(200);
});
