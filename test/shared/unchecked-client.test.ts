import { build } from "esbuild";
import * as fc from "fast-check";
import { gzipSync } from "node:zlib";
import { test } from "vitest";
import { type Answered, createUncheckedClient } from "../../shared/client/unchecked.ts";
import { isErrorBody } from "../../shared/client/failure.ts";
import { ErrorBody, Errors } from "../../shared/errors.ts";
import { pathNames } from "../../shared/id-patterns.ts";
import { BoardName, ExecutionId, JobId } from "../../shared/ids.ts";

function open(text: string, status = 200) {
  const urls: string[] = [];
  const send = (url: string): Promise<Answered> => {
    urls.push(url);
    const headers = { get: (name: string) => (name === "etag" ? '"7"' : null) };
    return Promise.resolve({ status, ok: status < 300, headers, text: () => Promise.resolve(text) });
  };
  return { client: createUncheckedClient({ url: "", token: "t", send }), urls };
}

const board = { path: { board: "main" } };

test("the page's client bundles without zod, and small", async ({ expect }) => {
  const bundled = await build({
    stdin: {
      contents: `export { createUncheckedClient } from "./shared/client/unchecked.ts";`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    metafile: true,
  });
  const inputs = Object.keys(bundled.metafile.inputs);
  expect(inputs).toContain("shared/client/caller.ts");
  expect(inputs.filter((file) => file.includes("node_modules"))).toEqual([]);
  expect(gzipSync(bundled.outputFiles[0]?.contents ?? "").byteLength).toBeLessThan(3 * 1024);
});

test("on a page the Worker's own origin is asked, and an answer is typed as the table has it", async ({
  expect,
}) => {
  const { client, urls } = open('{"board":"main","cards":[{"jobId":"exec_1-coder"}]}');
  const reply = await client.poll("board", { ...board, query: { since: "5", wait: 25 } }, '"5"');
  expect(urls).toEqual(["/v1/boards/main?since=5&wait=25"]);
  if (reply.kind !== "answer") throw new Error(reply.kind);
  const [card] = reply.value.cards;
  expect({ id: card?.jobId, etag: reply.etag }).toEqual({ id: "exec_1-coder", etag: '"7"' });
});

test.for([
  ["a page of something in front", "<html>", "unexpected-answer"],
  ["JSON that is no object", "[]", "unexpected-answer"],
  ["a refusal under a success", '{"error":"x","code":"forbidden","requestId":"r"}', "forbidden"],
])("%s is no answer", async ([, text = "", code], { expect }) => {
  const reply = await open(text).client.call("board", board);
  expect(reply).toMatchObject({ kind: "failed", failure: { code } });
});

test("a connection that fails names no empty address", async ({ expect }) => {
  const send = () => Promise.reject(new TypeError("Failed to fetch"));
  const reply = await createUncheckedClient({ url: "", token: "t", send }).call("board", board);
  expect(reply).toMatchObject({ failure: { error: "cannot reach the server: Failed to fetch" } });
});

test("what counts as a refusal is what its schema takes", ({ expect }) => {
  const part = fc.oneof(fc.string(), fc.constantFrom(...Object.keys(Errors)), fc.anything());
  const bodies = fc.oneof(
    fc.anything(),
    fc.record({ error: part, code: part, requestId: part, details: part }, { requiredKeys: [] }),
    fc.record({
      error: fc.string(),
      code: fc.constantFrom(...Object.keys(Errors)),
      requestId: fc.string(),
    }),
  );
  fc.assert(
    fc.property(bodies, (value) => {
      // as it comes over the wire
      const body: unknown = JSON.parse(JSON.stringify(value) ?? "null");
      expect(isErrorBody(body)).toBe(ErrorBody.safeParse(body).success);
    }),
  );
});

test("what counts as a name in a path is what its schema takes", ({ expect }) => {
  const schemas = { jobId: JobId, executionId: ExecutionId, board: BoardName } as const;
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom("a", "9", "-", "_", "."), maxLength: 150 }),
    fc.constantFrom("", ".", "..", "a\n", "a".repeat(256), "a".repeat(257)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const name of ["jobId", "executionId", "board"] as const) {
        expect([name, pathNames[name](text)]).toEqual([name, schemas[name].safeParse(text).success]);
      }
    }),
  );
});
