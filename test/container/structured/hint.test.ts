import { test } from "vitest";
import { extractJsonObject } from "../../../container/structured/extract.ts";
import { readShape } from "../../../container/structured/hint.ts";

test("a hint that is a JSON example asks for its keys", ({ expect }) => {
  expect(readShape('Return exactly:\n```json\n{"verdict":"pass","why":"…"}\n```')).toEqual({
    keys: ["verdict", "why"],
  });
});

test("a hint that is a JSON Schema asks for what it requires", ({ expect }) => {
  const schema = { type: "object", properties: { a: {}, b: {} }, required: ["b", 7] };
  expect(readShape(JSON.stringify(schema))).toEqual({ keys: ["b"] });
  expect(readShape(JSON.stringify({ ...schema, required: undefined }))).toBeNull();
});

test("a hint in a notation near to JSON asks for the keys of its object", ({ expect }) => {
  const hints = [
    '{"verdict": "approve" | "reject", "notes": string}',
    '```ts\n{\n  verdict: "approve" | "reject"; // which: one\n  notes: Array<{ "line": number, text: string }>,\n  reason?: string,\n}\n```',
    'An object: { "verdict": true|false, "notes": ["a", { "b": … }] }',
  ];
  for (const hint of hints) expect(readShape(hint), hint).toEqual({ keys: ["verdict", "notes"] });
  const reply = '{"verdict":"reject","notes":"x"} The config should rather be {"a": 1}.';
  expect(extractJsonObject(reply, readShape(hints[0]))).toMatchObject({ value: { verdict: "reject" } });
});

test("a hint in words says nothing a program could read", ({ expect }) => {
  expect(readShape(undefined)).toBeNull();
  expect(readShape("An object with a verdict.")).toBeNull();
  expect(readShape("Say {x} or [y].")).toBeNull();
});
