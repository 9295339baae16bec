import { describe, test } from "vitest";
import { isToken, tokenIn } from "../../worker/ui/fragment.ts";
import {
  plain,
  toAge,
  toBytes,
  toCount,
  toCountdown,
  toDuration,
  toWebAddress,
} from "../../worker/ui/formats.ts";

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

function table<T>(
  name: string,
  format: (value: T) => string | null,
  rows: ReadonlyArray<readonly [T, string | null]>,
) {
  describe(`as text, ${name}`, () => {
    for (const [value, text] of rows) {
      test(`${JSON.stringify(value)} is ${JSON.stringify(text)}`, ({ expect }) => {
        expect(format(value)).toBe(text);
      });
    }
  });
}

table("a countdown", toCountdown, [
  [-5 * S, "0:00"],
  [0, "0:00"],
  [1, "0:01"],
  [9 * S + 1, "0:10"],
  [59 * S, "0:59"],
  [59 * S + 1, "1:00"],
  [10 * MIN, "10:00"],
  [H - 1, "1:00:00"],
  [H + 2 * MIN + 5 * S, "1:02:05"],
  [D - S, "23:59:59"],
  [D, "1 d 0 h"],
  [3 * D + 4 * H + 5 * MIN, "3 d 4 h"],
]);

table("a duration", toDuration, [
  [-1, "0 s"],
  [440, "0.4 s"],
  [9_990, "9.9 s"],
  [12 * S + 900, "12 s"],
  [MIN, "1 min"],
  [3 * MIN + 5 * S, "3 min 5 s"],
  [2 * H + 4 * MIN, "2 h 4 min"],
  [3 * D + 4 * H, "3 d 4 h"],
]);

table("an age", toAge, [
  [-4 * S, "now"],
  [1_999, "now"],
  [2 * S, "2 s"],
  [59 * S, "59 s"],
  [119 * S, "1 min"],
  [2 * H, "2 h"],
  [50 * H, "2 d"],
]);

table("a count", toCount, [
  [0, "0"],
  [999, "999"],
  [1_000, "1.0k"],
  [12_345, "12.3k"],
  [99_960, "100k"],
  [999_499, "999k"],
  [999_500, "1.0M"],
  [4_130_000, "4.1M"],
]);

table("a size", toBytes, [
  [512, "512 B"],
  [1_536, "1.5 KiB"],
  [3_355_443, "3.2 MiB"],
]);

table("a text of others", (text: string) => plain(text, 12), [
  ["plain", "plain"],
  ["two\n lines\t", "two lines"],
  ["\u001B[31mred\u001B[0m", "red"],
  ["a\u202Eb\u2066c", "abc"],
  ["<b>&amp;", "<b>&amp;"],
  ["longer than twelve", "longer than  …"],
]);

table("a link", toWebAddress, [
  ["https://git.example/pull/7", "https://git.example/pull/7"],
  ["http://127.0.0.1:3000/acme", "http://127.0.0.1:3000/acme"],
  ["javascript:alert(1)", null],
  ["JAVASCRIPT:alert(1)", null],
  ["data:text/html,x", null],
  ["//git.example", null],
  ["no address", null],
  ["", null],
]);

table("the token of a fragment", tokenIn, [
  ["#token=holt_abc", "holt_abc"],
  ["#x=1&token=holt_abc", "holt_abc"],
  ["#token=", null],
  ["#token=a%20b", null],
  ["#token=a%0Ab", null],
  ["#tokens=x", null],
  ["", null],
]);

test("a token is one line of printable ASCII", ({ expect }) => {
  expect(["abc.DEF-123_~", "ü", "a\u0000", "", "x".repeat(4_097)].map((text) => isToken(text))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
