import { test } from "vitest";
import * as z from "zod";
import { BundleLine } from "../../../shared/bundle/line.ts";
import { verifyBundle } from "../../../shared/bundle.ts";
import { Endpoints } from "../../../shared/endpoints.ts";
import { ErrorBody, Errors } from "../../../shared/errors.ts";
import { ExecutionEvent } from "../../../shared/events.ts";
import { type Exchange, Exchanges, Queries } from "../../../shared/exchanges.ts";
import { BoardName, ExecutionId, JobId } from "../../../shared/ids.ts";
import { parseJobBody } from "../../../shared/job-body.ts";
import { codesOf, document, operationOf } from "./described.ts";
import { sha256 } from "./sha256.ts";

const rows = Endpoints.map((row) => [`${row.method} ${row.path}`, row] as const);

test.for(rows)("%s is in the description with all that an operation has", ([, row], { expect }) => {
  const operation = operationOf(row.id);
  expect(operation).toMatchObject({ operationId: row.id, summary: row.summary, "x-holt-scope": row.scope });
  expect(document.tags.map(({ name }) => name)).toContain(operation.tags[0]);
  expect(operation.security.length > 0).toBe(row.scope !== "open");
  const { body, query = [], canBeUnchanged, headers = [] }: Exchange = Exchanges[row.id];
  expect(operation.requestBody !== undefined).toBe(body !== undefined);
  const named = (place: string) =>
    (operation.parameters ?? []).filter((parameter) => parameter.in === place).map(({ name }) => name);
  expect(named("path")).toEqual([...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  expect(named("query")).toEqual([...query]);
  expect(named("header")).toEqual([...(canBeUnchanged === true ? ["If-None-Match"] : []), ...headers]);
  expect(Object.hasOwn(operation.responses, "304")).toBe(canBeUnchanged === true);
  for (const answer of Object.values(operation.responses)) {
    expect(Object.keys(answer.headers)).toContain("x-request-id");
  }
  const limited = Object.hasOwn(operation.responses["429"]?.headers ?? {}, "Retry-After");
  expect(limited).toBe(row.scope !== "open");
});

test("the description has no operation beyond the table", ({ expect }) => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(Endpoints.map(({ method, path }) => `${method} ${path}`).toSorted());
});

test.for(rows)(
  "%s: its examples are what its schemas take, and nothing of them is lost",
  ([, { id }], { expect }) => {
    const { requestBody, responses, parameters = [] } = operationOf(id);
    const { status, answer, body, streams }: Exchange = Exchanges[id];
    if (body !== undefined) expectWhole(body, requestBody?.content["application/json"].example, expect);
    const content = responses[status]?.content ?? {};
    expect(Object.keys(content)).toEqual([
      ...(answer === null ? [] : ["application/json"]),
      ...(streams === undefined ? [] : [streams.media]),
    ]);
    if (answer !== null) expectWhole(answer, content["application/json"]?.example, expect);
    const ids: Readonly<Record<string, z.ZodType>> = {
      executionId: ExecutionId,
      jobId: JobId,
      board: BoardName,
    };
    for (const { name, in: place, example } of parameters) {
      if (place === "path") expectWhole(ids[name] ?? z.never(), example, expect);
      const query = Object.entries(Queries).find(([each]) => each === name)?.[1];
      if (place === "query") expectWhole(query?.value ?? z.never(), example, expect);
    }
  },
);

test.for(rows)(
  "%s: its commands carry its method, its path and, where it is not open, a token",
  ([, row], { expect }) => {
    for (const { source } of operationOf(row.id)["x-codeSamples"]) {
      const path = row.path.replaceAll(/\{\w+\}/g, '[^/?"]+');
      expect(source).toMatch(new RegExp(`^curl -sS .*"\\$HOLT_URL${path}(?:\\?[^"]*)?"`));
      expect(source.includes("$HOLT_TOKEN")).toBe(row.scope !== "open");
      expect(source.includes("-X DELETE")).toBe(row.method === "DELETE");
      expect(source.includes("-d @-")).toBe(row.method === "POST");
    }
  },
);

test("the stream's example is lines of the log", ({ expect }) => {
  const stream = z
    .string()
    .parse(operationOf("events").responses["200"]?.content?.["text/event-stream"]?.example);
  const events = [...stream.matchAll(/^id: (\d+)\nevent: ([a-z-]+)\ndata: (.+)$/gm)];
  expect(events.length).toBe(2);
  for (const [, id, kind, data = ""] of events) {
    expect(ExecutionEvent.parse(JSON.parse(data))).toMatchObject({ cursor: Number(id), kind });
  }
});

test("the bundle's example is whole, and its hashes are right", async ({ expect }) => {
  const text = z
    .string()
    .parse(operationOf("bundle").responses["200"]?.content?.["application/x-ndjson"]?.example);
  const lines = text.trimEnd().split("\n");
  for (const line of lines) BundleLine.parse(JSON.parse(line));
  expect(await verifyBundle(lines, { sha256 })).toMatchObject({ ok: true });
});

test("the jobs of the examples are accepted at their doors without a warning", ({ expect }) => {
  const Body = z.looseObject({ jobId: z.string(), spec: z.looseObject({}).optional() });
  const bodies = (["dispatch-job", "dispatch"] as const).map((id) =>
    Body.parse(operationOf(id).requestBody?.content["application/json"].example),
  );
  for (const { spec, ...body } of bodies) {
    const parsed = parseJobBody({ ...body, ...spec }, { allowedHosts: ["github.com"] });
    expect(parsed).toMatchObject({ ok: true, warnings: [] });
  }
});

test.for(Endpoints.map(({ id }) => [id] as const))(
  "%s: every error it may answer with is a row of the table and has an example",
  ([id], { expect }) => {
    const codes = codesOf(id);
    expect(codes.length > 0).toBe(Endpoints.find((row) => row.id === id)?.scope !== "open");
    for (const [code, status] of codes) {
      const row = Object.entries(Errors).find(([name]) => name === code)?.[1];
      expect([code, row?.status]).toEqual([code, status]);
      expectWhole(ErrorBody, document.components.examples[code]?.value, expect);
      expect(document.components.examples[code]).toMatchObject({ value: { code } });
    }
  },
);

test("every error of the API but those of beats is an answer of some operation", ({ expect }) => {
  const answered = new Set(Endpoints.flatMap(({ id }) => codesOf(id).map(([code]) => code)));
  const others = Object.keys(Errors).filter((code) => !answered.has(code));
  // a path without an operation; what only a container meets
  expect(others.toSorted()).toEqual(["invalid-beat", "invalid-beat-key", "not-found", "stale-attempt"]);
});

function expectWhole(
  schema: z.ZodType,
  value: unknown,
  expect: (actual: unknown) => { toEqual: (other: unknown) => void },
): void {
  expect(schema.parse(value)).toEqual(value);
}
