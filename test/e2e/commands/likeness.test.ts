import { test } from "vitest";
import { unlike } from "./likeness.ts";

test.for<[shown: unknown, real: unknown]>([
  [{ a: "x" }, { a: "y" }],
  [{ a: "x" }, {}],
  [{ a: 1 }, { a: "1" }],
  [{ a: null }, { a: 1 }],
  [{ a: [] }, { a: [1] }],
  [[{ a: "x" }], [{ a: "y" }]],
  [[{ a: "x" }], []],
  ["beg…", "end"],
  [{ a: true }, { a: false }],
  [{}, null],
])("%j is not shown by %j", ([shown, real], { expect }) => {
  expect(unlike(shown, real)).not.toEqual([]);
});

test("what is left out, other numbers and further items are no difference", ({ expect }) => {
  expect(
    unlike({ a: 1, b: [{ c: "x" }], d: "be…" }, { a: 2, b: [0, { c: "x", e: 1 }], d: "began", f: 1 }),
  ).toEqual([]);
});
