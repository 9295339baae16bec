import { test } from "vitest";
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

test("a hint in words or in another notation says nothing a program could read", ({ expect }) => {
  expect(readShape(undefined)).toBeNull();
  expect(readShape("An object with a verdict.")).toBeNull();
  expect(readShape('{ "verdict": "pass" | "fail" }')).toBeNull();
});
