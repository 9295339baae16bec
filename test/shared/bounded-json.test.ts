import * as fc from "fast-check";
import { test } from "vitest";
import { parseBoundedJson, scanDepth } from "../../shared/bounded-json.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const bounds = { maxBytes: 1_000_000, maxDepth: 32 };

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const forbidden = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ((!Array.isArray(value) && ["__proto__", "constructor"].some((key) => Object.hasOwn(value, key))) ||
    Object.values(value).some(forbidden));

test("the scanned depth of any JSON value is the depth a walk of it finds", ({ expect }) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(scanDepth(encode(text))).toBe(depthOf(JSON.parse(text)));
    }),
  );
});

test("brackets, quotes and backslashes inside strings are no nesting", ({ expect }) => {
  expect(scanDepth(encode(String.raw`{"a":"[[[\"[[[\\","b":["]"]}`))).toBe(2);
  expect(scanDepth(encode('"€[[["'))).toBe(0);
});

test("what is within bounds comes out as the engine parses it", ({ expect }) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      const parsed = parseBoundedJson(encode(text), bounds);
      if (forbidden(JSON.parse(text))) expect(parsed).toMatchObject({ ok: false, code: "forbidden-key" });
      else expect(parsed).toStrictEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test("a body of exactly the bound is read and one byte more is not", ({ expect }) => {
  expect(parseBoundedJson(encode('"abc"'), { maxBytes: 5, maxDepth: 1 })).toStrictEqual({
    ok: true,
    value: "abc",
  });
  expect(parseBoundedJson(encode('"abcd"'), { maxBytes: 5, maxDepth: 1 })).toMatchObject({
    ok: false,
    code: "body-too-large",
  });
});

test("nesting up to the bound is read, one level more is not, and 20,000 levels harm nothing", ({
  expect,
}) => {
  const nested = (levels: number): Uint8Array => encode("[".repeat(levels) + "]".repeat(levels));
  expect(parseBoundedJson(nested(32), bounds).ok).toBe(true);
  for (const levels of [33, 20_000]) {
    expect(parseBoundedJson(nested(levels), bounds)).toMatchObject({ ok: false, code: "too-deep" });
  }
  expect(parseBoundedJson(encode("[".repeat(20_000)), bounds)).toMatchObject({ code: "too-deep" });
});

test("a syntax error keeps the engine's message", ({ expect }) => {
  expect(parseBoundedJson(encode(""), bounds)).toStrictEqual({
    ok: false,
    code: "invalid-json",
    error: "Unexpected end of JSON input",
  });
  expect(parseBoundedJson(encode("}]"), bounds)).toMatchObject({ ok: false, code: "invalid-json" });
});

test("keys that could reach a prototype are refused at every level, however they are written", ({
  expect,
}) => {
  for (const text of [
    '{"__proto__":{"admin":true}}',
    '{"a":[{"constructor":1}]}',
    String.raw`{"a":{"\u005f_proto__":null}}`,
  ]) {
    expect(parseBoundedJson(encode(text), bounds)).toMatchObject({ ok: false, code: "forbidden-key" });
  }
  expect(parseBoundedJson(encode('{"a":"__proto__","b":["constructor"]}'), bounds).ok).toBe(true);
});
