import { test } from "vitest";
import { pauseOf } from "../../worker/ui/live/pace.ts";

const asked = {
  failures: 0,
  isRefused: false,
  isLive: true,
  nextMs: null,
  retryAfterMs: null,
  random: 0,
} as const;

const rows: ReadonlyArray<readonly [what: string, over: Partial<Parameters<typeof pauseOf>[0]>, ms: number]> =
  [
    ["something lives", {}, 2_000],
    ["something lives, at most a little later", { random: 1 }, 2_400],
    ["nothing lives", { isLive: false }, 15_000],
    ["the server asks for more time than is usual", { nextMs: 7_000 }, 7_000],
    ["the server would be asked more often", { nextMs: 500 }, 2_000],
    ["the server asks for more time while nothing lives", { isLive: false, nextMs: 30_000 }, 30_000],
    ["the first call fails", { failures: 1 }, 2_000],
    ["the second fails", { failures: 2 }, 4_000],
    ["the fifth fails", { failures: 5 }, 32_000],
    ["many fail", { failures: 40 }, 60_000],
    ["many fail, and nothing lived", { failures: 40, isLive: false }, 60_000],
    ["the server refuses", { failures: 1, isRefused: true }, 15_000],
    ["the server refuses again and again", { failures: 40, isRefused: true }, 15_000],
    ["the server refuses, and asks for time", { failures: 1, isRefused: true, retryAfterMs: 60_000 }, 60_000],
    ["a refusal asks for time", { failures: 1, retryAfterMs: 30_000 }, 30_000],
    ["a refusal asks for more than the longest pause", { failures: 1, retryAfterMs: 120_000 }, 120_000],
    ["a refusal asks for less than the pause", { failures: 6, retryAfterMs: 1_000 }, 60_000],
  ];

for (const [what, over, ms] of rows) {
  test(`the page waits ${ms / 1_000} s where ${what}`, ({ expect }) => {
    expect(pauseOf({ ...asked, ...over })).toBe(ms);
  });
}

test("no pause is shorter than what was asked for, whatever is drawn", ({ expect }) => {
  for (const random of [0, 0.1, 0.5, 0.999_999]) {
    expect(pauseOf({ ...asked, random, nextMs: 9_000 })).toBeGreaterThanOrEqual(9_000);
    expect(pauseOf({ ...asked, random, failures: 3, retryAfterMs: 50_000 })).toBeGreaterThanOrEqual(50_000);
  }
});
