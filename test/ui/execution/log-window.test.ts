import { test } from "vitest";
import {
  type LogWindow,
  moveWindow,
  sliceOf,
  WINDOW_ENTRIES,
} from "../../../worker/ui/execution/log/log-window.ts";

const newest = moveWindow({ kind: "held", from: 0 }, "newest", 0);

test("never more than a window is in the page, however long the log is", ({ expect }) => {
  for (const count of [0, 1, WINDOW_ENTRIES, 20_000]) {
    const { from, to } = sliceOf(newest, count);
    expect(to - from).toBe(Math.min(count, WINDOW_ENTRIES));
    expect(to).toBe(count);
  }
});

test("going earlier keeps part of what was seen, and holds still while entries come", ({ expect }) => {
  const held = moveWindow(newest, "earlier", 20_000);
  const before = sliceOf(newest, 20_000);
  const after = sliceOf(held, 20_000);
  expect(after.from).toBeLessThan(before.from);
  expect(after.to).toBeGreaterThan(before.from);
  expect(sliceOf(held, 20_500)).toEqual(after);
});

test("earlier again and again reaches the first entry, later again and again the newest", ({ expect }) => {
  let window: LogWindow = newest;
  let moves = 0;
  while (sliceOf(window, 20_000).from > 0) {
    window = moveWindow(window, "earlier", 20_000);
    moves += 1;
  }
  expect(moves).toBeLessThan(200);
  while (window.kind === "held") window = moveWindow(window, "later", 20_000);
  expect(sliceOf(window, 20_000).to).toBe(20_000);
});

test("the first and the newest are one move away", ({ expect }) => {
  expect(sliceOf(moveWindow(newest, "first", 20_000), 20_000).from).toBe(0);
  expect(moveWindow({ kind: "held", from: 0 }, "newest", 20_000)).toEqual({
    kind: "newest",
  });
});

test("a filter that leaves less than was seen shows all of it", ({ expect }) => {
  expect(sliceOf({ kind: "held", from: 15_000 }, 30)).toEqual({ from: 0, to: 30 });
});
