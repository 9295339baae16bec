import * as fc from "fast-check";
import { test } from "vitest";
import { looksTokenDoubled } from "../../../container/structured/token-doubling.ts";

const double = (tokens: readonly string[]): string => tokens.map((token) => token + token).join("");

test("a text whose tokens all stand twice looks doubled", ({ expect }) => {
  const tokens = [
    '{"',
    "summary",
    '":',
    ' "',
    "The",
    " login",
    " page",
    " fails",
    " for",
    " new",
    " users",
    '"}',
  ];
  const { doubled, ratio } = looksTokenDoubled(double(tokens));
  expect(doubled).toBe(true);
  expect(ratio).toBeGreaterThan(0.9);
});

test("ordinary text does not look doubled", ({ expect }) => {
  const text = JSON.stringify({ summary: "The login page fails for new users.", files: ["a.ts", "b.ts"] });
  expect(looksTokenDoubled(text).doubled).toBe(false);
});

test("a text of fewer than 40 characters says nothing", ({ expect }) => {
  expect(looksTokenDoubled("ab".repeat(19))).toEqual({ doubled: false, ratio: 0 });
  expect(looksTokenDoubled("ab".repeat(20))).toEqual({ doubled: true, ratio: 1 });
});

test("half of the text covered is doubled, less is not", ({ expect }) => {
  const unique = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  expect(looksTokenDoubled("0101".repeat(13) + unique)).toEqual({ doubled: true, ratio: 0.5 });
  expect(looksTokenDoubled(`0101${unique}`)).toEqual({ doubled: false, ratio: 4 / 56 });
});

test("only the first 20,000 characters are looked at", ({ expect }) => {
  const unique = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join("");
  expect(looksTokenDoubled(unique + "ab".repeat(40_000))).toEqual({ doubled: false, ratio: 0 });
});

test("the ratio is never negative nor above one", ({ expect }) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const { doubled, ratio } = looksTokenDoubled(text);
      expect(ratio).toBeGreaterThanOrEqual(0);
      expect(ratio).toBeLessThanOrEqual(1);
      expect(doubled).toBe(ratio >= 0.5);
    }),
  );
});
