import * as fc from "fast-check";
import { test } from "vitest";
import { extractJsonObject } from "../../../container/structured/extract.ts";

const valueOf = (text: string, keys?: readonly string[]): unknown => {
  const read = extractJsonObject(text, keys === undefined ? null : { keys });
  return read.ok ? read.value : null;
};
const reasonOf = (text: string): string => {
  const read = extractJsonObject(text);
  return read.ok ? "no reason" : read.reason;
};

test("an object is found alone, in prose, and in a fence anywhere in the reply", ({ expect }) => {
  const found = { verdict: "pass", notes: ["a", { b: 1 }] };
  const json = JSON.stringify(found, null, 2);
  const wrappings = [
    json,
    `  ${json}\n`,
    `Here it is: ${json} I hope it helps.`,
    `\`\`\`json\n${json}\n\`\`\``,
    `I looked at it.\n\n\`\`\`json\n${json}\n\`\`\`\n\nThat is all.`,
    `\`\`\`\n${json}\n\`\`\``,
    `~~~~markdown\n\`\`\`json\n${json}\n\`\`\`\n~~~~`,
    `An array [1], a set {x, y}, a template \${name}, a smile :{ and then ${json}`,
    `[link](url) [ ] done [x] ${json} [see above]`,
    `the interval [0, 1) and then ${json}`,
  ];
  for (const wrapping of wrappings) expect(valueOf(wrapping), wrapping).toEqual(found);
});

test("only an object is a structured result, whatever other JSON the reply is", ({ expect }) => {
  expect(reasonOf("[1, 2]")).toBe("has an array, not an object");
  expect(reasonOf('[{"a":1},{"b":2}]')).toBe("has an array, not an object");
  expect(reasonOf('```json\n[{"a":1}]\n```')).toBe("has an array, not an object");
  for (const bare of ["42", "-1.5e3", "true", "null", '"{}"', '"text"']) {
    expect(reasonOf(bare), bare).toBe("is a bare value, not an object");
  }
  expect(reasonOf(" ")).toBe("is empty");
  expect(reasonOf("I could not do it.")).toBe("has no JSON object");
});

test("prose between two objects is no part of either", ({ expect }) => {
  expect(valueOf('First {"draft":1}, no, rather {"final":2}.')).toEqual({ final: 2 });
});

test("of several objects the one that fits the shape wins, then one with content, then the last", ({
  expect,
}) => {
  const reply =
    '{"verdict":"fail","why":"x"} then {"verdict":"pass","why":"y"} without {"severity":"low"} {}';
  expect(valueOf(reply, ["verdict", "why"])).toEqual({ verdict: "pass", why: "y" });
  expect(valueOf(reply)).toEqual({ severity: "low" });
  expect(valueOf("{}")).toEqual({});
});

test("what an object lacks of the shape is told", ({ expect }) => {
  const shape = { keys: ["a", "b", "toString"] };
  expect(extractJsonObject('{"a":1}', shape)).toEqual({
    ok: true,
    value: { a: 1 },
    missing: ["b", "toString"],
  });
});

test("braces, quotes, fences and escapes in strings are text", ({ expect }) => {
  const found = { code: 'if (x) { y("}") }', path: "C:\\", fence: "```js\n{}\n```", odd: '\\"{' };
  expect(valueOf(`So: ${JSON.stringify(found)} done`)).toEqual(found);
});

test("a piece of a broken or cut-off object is not taken for the answer", ({ expect }) => {
  const broken = [
    '{"a":{"b":1},}',
    "{'a': {\"b\":1}}",
    '{a: {"b":1}, c: 2}',
    '{ // the result\n "a": {"b":1} }',
    '{"a":{"b":1},"c":',
    '```json\n{"a":{"b":1},\n```',
    '{"note":"use {} here","x":',
    '[{"a":1},{"b":2',
    '{"a":"line\nbreak","b":{"c":1}}',
  ];
  for (const text of broken) expect(valueOf(text), text).toBeNull();
  expect(reasonOf('{"a":1,}')).toMatch(/^has an object that is not valid JSON \(/);
  expect(reasonOf('{"a":')).toBe("has a JSON object that is not closed");
});

test("an object after a broken one is still found", ({ expect }) => {
  expect(valueOf('```json\n{"a":{"b":1},\n```\nSorry, again:\n```json\n{"a":2}\n```')).toEqual({ a: 2 });
  expect(valueOf('{"a":[1}\n\n{"a":2}')).toEqual({ a: 2 });
});

test("keys that reach a prototype are left out, at every level", ({ expect }) => {
  const value = valueOf('{"a":[{"__proto__":{"x":1},"b":2}],"constructor":1,"__proto__":{"y":1}}');
  expect(JSON.stringify(value)).toBe('{"a":[{"b":2}]}');
});

test("an object nested deeper than the wire carries is refused before it is walked", ({ expect }) => {
  const nested = (levels: number) => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
  expect(valueOf(nested(29))).not.toBeNull();
  expect(reasonOf(nested(30))).toBe("has an object of more than 29 levels");
  expect(reasonOf(nested(200_000))).toBe("has an object of more than 29 levels");
});

test("any object is found in any prose without braces", ({ expect }) => {
  const key = fc.string().filter((name) => name !== "__proto__" && name !== "constructor");
  const leaf = fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean(), fc.constant(null));
  const object = fc.dictionary(key, fc.oneof(leaf, fc.array(leaf), fc.dictionary(key, leaf)));
  const prose = fc.string().map((text) => text.replaceAll(/[{}[\]`~]/g, ""));
  fc.assert(
    fc.property(prose, object, prose, fc.nat(2), (before, value, after, indent) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(valueOf(`${before}\n${JSON.stringify(value, null, indent)}${after}`)).toEqual(plain);
    }),
  );
});

test("any text is read without a throw, and only ever as an object", ({ expect }) => {
  const piece = fc.constantFrom("{", "}", "[", "]", '"', "\\", ":", ",", "1", " ", "\n", "```", '{"a":', "a");
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const read = extractJsonObject(given);
      expect(!read.ok || Object.getPrototypeOf(read.value) === Object.prototype).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a hostile reply takes time in proportion to its length", ({ expect }) => {
  const pieces = [
    "{",
    '{"',
    "[1",
    '[{"a":',
    "{}",
    '{"a":"',
    '{"a":1},',
    "[1,{",
    "{ ",
    "{aaa",
    '\n```{"a":[',
    '\\"{',
  ];
  // the shortest of three: whatever else the machine does only ever adds
  const timeOf = (text: string): number => {
    const times = [1, 2, 3].map(() => {
      const startedAt = performance.now();
      extractJsonObject(text);
      return performance.now() - startedAt;
    });
    return Math.min(...times);
  };
  for (const piece of pieces) {
    const short = piece.repeat(20_000);
    const base = Math.max(timeOf(short), 1);
    // sixteen times the text; quadratic work would take 256 times as long
    expect(timeOf(short.repeat(16)) / base, piece).toBeLessThan(128);
  }
});
