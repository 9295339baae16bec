import { test } from "vitest";
import type { LogEntry } from "../../../shared/events.ts";
import { emptyLog, firstCursor, KEPT_ENTRIES, takePage } from "../../../worker/ui/execution/log/kept-log.ts";
import {
  type LogWindow,
  moveWindow,
  NEWEST,
  sliceOf,
  WINDOW_ENTRIES,
} from "../../../worker/ui/execution/log/log-window.ts";
import { entries, event, page } from "./build.ts";

const first = { ...event("output", 0), cursor: 1 };

function listOf(count: number): readonly LogEntry[] {
  return entries(...Array.from({ length: count }, (_each, index) => ({ ...first, cursor: index + 1 })));
}

const long = listOf(20_000);

test("never more than a window is in the page, however long the log is", ({ expect }) => {
  for (const count of [0, 1, WINDOW_ENTRIES, 20_000]) {
    const { from, to } = sliceOf(NEWEST, listOf(count));
    expect(to - from).toBe(Math.min(count, WINDOW_ENTRIES));
    expect(to).toBe(count);
  }
});

test("going earlier keeps part of what was seen, and holds still while entries come", ({ expect }) => {
  const held = moveWindow(NEWEST, "earlier", long);
  const before = sliceOf(NEWEST, long);
  const after = sliceOf(held, long);
  expect(after.from).toBeLessThan(before.from);
  expect(after.to).toBeGreaterThan(before.from);
  expect(sliceOf(held, listOf(20_500))).toEqual(after);
});

test("what is held is the same entries while the middle of a full log is dropped", ({ expect }) => {
  let log = emptyLog;
  const readTo = (newest: number): void => {
    while (log.next < newest) log = takePage(log, page(log.next + 1, log.next + 1_000));
  };
  const shown = (window: LogWindow): readonly number[] => {
    const { from, to } = sliceOf(window, log.entries);
    return log.entries.slice(from, to).map(firstCursor);
  };
  readTo(KEPT_ENTRIES);
  const held = moveWindow(moveWindow(NEWEST, "earlier", log.entries), "hold", log.entries);
  const before = shown(held);
  readTo(KEPT_ENTRIES + 5_000);
  expect(shown(held)).toEqual(before);
  expect(shown(moveWindow(held, "hold", log.entries))).toEqual(before);
});

test("where the held entries were dropped themselves, what stands behind their gap is shown", ({
  expect,
}) => {
  const gap = { kind: "gap", gap: { from: 2_001, to: 7_000, count: 5_000 } } as const;
  const dropped = [...long.slice(0, 2_000), gap, ...long.slice(7_000)];
  expect(sliceOf(5_000, dropped).from).toBe(2_001);
});

test("earlier again and again reaches the first entry, later again and again the newest", ({ expect }) => {
  let window = NEWEST;
  let moves = 0;
  while (sliceOf(window, long).from > 0) {
    window = moveWindow(window, "earlier", long);
    moves += 1;
  }
  expect(moves).toBeLessThan(200);
  while (window !== NEWEST) window = moveWindow(window, "later", long);
  expect(sliceOf(window, long).to).toBe(20_000);
});

test("the first and the newest are one move away", ({ expect }) => {
  expect(sliceOf(moveWindow(NEWEST, "first", long), long).from).toBe(0);
  expect(moveWindow(1, "newest", long)).toBe(NEWEST);
});

test("a filter that leaves less than was seen shows all of it", ({ expect }) => {
  expect(sliceOf(15_000, listOf(30))).toEqual({ from: 0, to: 30 });
});
