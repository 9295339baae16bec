import { test } from "vitest";
import { ErrorBody } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import { makeDispatch, makeEdge, makeJobBody } from "./edge.ts";

const doors = ["/jobs", "/v1/executions/exec_1/jobs"] as const;

const bodies: ReadonlyArray<readonly [string, string | Uint8Array, Record<string, string>, number, string]> =
  [
    ["5 MiB", " ".repeat(5 * 1024 * 1024), {}, 413, "body-too-large"],
    ["20,000 brackets", "[".repeat(20_000), {}, 400, "too-deep"],
    ["20,000 nested objects", '{"a":'.repeat(20_000), {}, 400, "too-deep"],
    [
      "a gzip stream",
      new Uint8Array([0x1f, 0x8b, 8, 0]),
      { "content-encoding": "gzip" },
      415,
      "unsupported-encoding",
    ],
    ["two encodings", "{}", { "content-encoding": "identity, br" }, 415, "unsupported-encoding"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0]), {}, 400, "invalid-json"],
    ["__proto__", '{"kind":"agent","spec":{"__proto__":{"mode":"coding"}}}', {}, 400, "forbidden-key"],
    ["constructor", '{"kind":"agent","spec":{"constructor":{"prototype":1}}}', {}, 400, "forbidden-key"],
  ];

for (const door of doors) {
  for (const [what, body, headers, status, code] of bodies) {
    test(`POST ${door} of ${what} is refused, and the next dispatch works`, async ({ expect }) => {
      const { send, asked } = makeEdge();
      const reply = await send(door, { method: "POST", body, headers });
      expect(reply.status).toBe(status);
      expect(ErrorBody.parse(await reply.json()).code).toBe(code);
      expect(asked).toEqual([]);
      const good = door === "/jobs" ? makeJobBody() : makeDispatch();
      expect((await send(door, { method: "POST", body: good })).status).toBe(202);
    });
  }
}

test("an endless body is refused all the same", async ({ expect }) => {
  const { app, asked } = makeEdge();
  const block = new Uint8Array(1024 * 1024).fill(0x20);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(block);
    },
  });
  const headers = { authorization: "Bearer token-that-dispatches" };
  const request = new Request("https://holt.example/jobs", { method: "POST", body, headers });
  expect((await app.fetch(request)).status).toBe(413);
  expect(asked).toEqual([]);
});

test("a body of the full size is read", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  const empty = JSON.stringify(makeJobBody({ userPrompt: "" })).length;
  const body = makeJobBody({ userPrompt: "p".repeat(Limits.dispatchBytes - empty) });
  expect((await send("/jobs", { method: "POST", body })).status).toBe(202);
  expect(dispatched[0]?.spec.length).toBe(Limits.dispatchBytes);
});

const paths: ReadonlyArray<readonly [string, string]> = [
  ["GET", "/jobs/%ZZ"],
  ["GET", "/jobs/%"],
  ["GET", "/jobs/%C3%28"],
  ["GET", "/jobs/a%00b"],
  ["GET", "/jobs/a%0Ab"],
  ["GET", "/jobs/a%E2%80%A8b"],
  ["GET", `/jobs/${"x".repeat(257)}`],
  ["DELETE", "/jobs/%ZZ"],
  ["GET", "/v1/executions/a%2Fb"],
  ["GET", "/v1/executions/%ZZ"],
  ["GET", `/v1/executions/${"x".repeat(129)}`],
  ["GET", "/v1/executions/a%20b/events"],
  ["POST", "/v1/executions/exec_1/jobs/%ZZ/cancel"],
  ["DELETE", "/v1/executions/a:b"],
];

for (const [method, path] of paths) {
  test(`${method} ${path.slice(0, 40)} names nothing and addresses no object`, async ({ expect }) => {
    const { send, asked } = makeEdge();
    const reply = await send(path, { method });
    expect(reply.status).toBe(400);
    expect(ErrorBody.parse(await reply.json()).code).toBe("invalid-id");
    expect(asked).toEqual([]);
    expect((await send("/health")).status).toBe(200);
  });
}
