import { test } from "vitest";
import { makeEdge } from "./edge.ts";

const asBrowser = { token: null, headers: { accept: "text/html,*/*;q=0.8" } } as const;

test("a browser gets the page's shell without a token, everyone else a sign of life behind authentication", async ({
  expect,
}) => {
  const { send } = makeEdge();
  const page = await send("/?board=main", asBrowser);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect((await send("/", { token: null })).status).toBe(401);
  expect(await (await send("/")).json()).toEqual({ status: "ok" });
});

test("the shell holds no data, no style and no script of its own", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const html = await (await send("/?execution=exec_1", asBrowser)).text();
  expect(html).not.toContain("exec_1");
  expect(html).not.toMatch(/<style|\bstyle=|\bon\w+=/);
  expect([...html.matchAll(/<script([^>]*)>([^<]*)</g)].map(([, , text]) => text)).toEqual([""]);
  expect(asked).toEqual([]);
});

test("the shell's policy lets in our own files alone, and no text becomes markup", async ({ expect }) => {
  const { send } = makeEdge();
  const { headers } = await send("/", asBrowser);
  expect(headers.get("content-security-policy")?.split("; ").toSorted()).toEqual([
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "require-trusted-types-for 'script'",
    "script-src 'self'",
    "style-src 'self'",
    "trusted-types 'none'",
  ]);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
});

const types: Readonly<Record<string, string>> = {
  js: "text/javascript",
  svg: "image/svg+xml",
  css: "text/css",
};

test("what the shell names, and what that names, is served to anybody, as what it is, and may be kept for good", async ({
  expect,
}) => {
  const { send } = makeEdge();
  const html = await (await send("/", asBrowser)).text();
  const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
  expect(new Set(named.map((path) => path.split(".").at(-1)))).toEqual(new Set(Object.keys(types)));
  const seen = new Set<string>();
  for (let path = named.pop(); path !== undefined; path = named.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { status, headers, ...reply } = await fileAt(path);
    expect([status, headers.get("content-type")?.split(";")[0]], path).toEqual([
      200,
      types[path.split(".").at(-1) ?? ""],
    ]);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    const head = await send(path, { token: null, method: "HEAD" });
    expect([head.status, await head.text()], path).toEqual([200, ""]);
    // A part that is loaded when it is opened is named by another script alone.
    for (const [, part = ""] of reply.text.matchAll(/"\.\/(part-[A-Z0-9]+\.js)"/g))
      named.push(`/assets/${part}`);
  }
  expect(seen.size).toBeGreaterThan(5);

  async function fileAt(path: string) {
    const file = await send(path, { token: null });
    return { status: file.status, headers: file.headers, text: await file.text() };
  }
});
