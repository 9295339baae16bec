import { test } from "vitest";
import { type Move, type Spot, stepFrom } from "../../worker/ui/board/steps.ts";

const heights = [3, 0, 1, 2];

const rows: ReadonlyArray<readonly [from: string, move: Move, to: string]> = [
  ["nowhere", "down", "0,0"],
  ["nowhere", "right", "0,0"],
  ["0,0", "down", "0,1"],
  ["0,2", "down", "0,2"],
  ["0,0", "up", "0,0"],
  ["0,1", "up", "0,0"],
  ["0,2", "first", "0,0"],
  ["0,0", "last", "0,2"],
  ["0,2", "right", "2,0"],
  ["2,0", "right", "3,0"],
  ["3,1", "right", "3,1"],
  ["3,1", "left", "2,0"],
  ["2,0", "left", "0,0"],
  ["0,1", "left", "0,1"],
  // On no card of a column.
  ["3,-1", "down", "3,0"],
  ["3,-1", "up", "3,0"],
  ["3,-1", "last", "3,1"],
  ["2,-1", "left", "0,0"],
  ["3,-1", "right", "3,0"],
  ["1,-1", "right", "2,0"],
  ["1,-1", "down", "nowhere"],
];
for (const [from, move, to] of rows) {
  test(`from ${from} ${move} leads to ${to}`, ({ expect }) => {
    expect(stepFrom(heights, spotAt(from), move)).toEqual(spotAt(to));
  });
}

test("on a board without cards there is nowhere to go", ({ expect }) => {
  expect(stepFrom([0, 0], null, "down")).toBeNull();
});

function spotAt(text: string): Spot | null {
  const [x, y] = text.split(",").map(Number);
  return x === undefined || y === undefined ? null : { x, y };
}
