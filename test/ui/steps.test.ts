import { test } from "vitest";
import { type Move, stepFrom } from "../../worker/ui/board/steps.ts";

const grid = [["a1", "a2", "a3"], [], ["b1"], ["c1", "c2"]];

const rows: ReadonlyArray<readonly [from: string | null, move: Move, to: string | null]> = [
  [null, "down", "a1"],
  ["gone", "right", "a1"],
  ["a1", "down", "a2"],
  ["a3", "down", "a3"],
  ["a1", "up", "a1"],
  ["a2", "up", "a1"],
  ["a3", "first", "a1"],
  ["a1", "last", "a3"],
  ["a3", "right", "b1"],
  ["b1", "right", "c1"],
  ["c2", "right", "c2"],
  ["c2", "left", "b1"],
  ["b1", "left", "a1"],
  ["a2", "left", "a2"],
];
for (const [from, move, to] of rows) {
  test(`from ${from} ${move} leads to ${to}`, ({ expect }) => {
    expect(stepFrom(grid, from, move)).toBe(to);
  });
}

test("on a board without cards there is nowhere to go", ({ expect }) => {
  expect(stepFrom([[], []], null, "down")).toBeNull();
});
