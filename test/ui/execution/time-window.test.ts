import * as fc from "fast-check";
import { test } from "vitest";
import { ticksOf } from "../../../worker/ui/execution/timeline/ticks.ts";
import {
  moveTime,
  rangeOf,
  type TimeMove,
  type TimeWindow,
} from "../../../worker/ui/execution/timeline/time-window.ts";

const bounds = { fromMs: 1_000, toMs: 101_000 };
const all: TimeWindow = { kind: "all" };

test("all of it grows with the job", ({ expect }) => {
  expect(rangeOf(all, bounds)).toEqual(bounds);
  expect(rangeOf(all, { ...bounds, toMs: 102_000 }).toMs).toBe(102_000);
});

test("zooming in keeps the place under the pointer where it is", ({ expect }) => {
  const zoomed = rangeOf(moveTime(all, { kind: "zoom", factor: 0.5, at: 0.25 }, bounds), bounds);
  expect(zoomed).toEqual({ fromMs: 13_500, toMs: 63_500 });
});

test("zoomed in at the newest edge it follows what comes; elsewhere it stands still", ({ expect }) => {
  const last = moveTime(all, { kind: "zoom", factor: 0.1, at: 1 }, bounds);
  expect(rangeOf(last, { ...bounds, toMs: 111_000 })).toEqual({ fromMs: 101_000, toMs: 111_000 });
  const again = moveTime(last, { kind: "zoom", factor: 0.5, at: 0.5 }, bounds);
  expect(again).toEqual({ kind: "last", spanMs: 5_000 });
  const held = moveTime(last, { kind: "pan", part: -0.5 }, bounds);
  expect(rangeOf(held, { ...bounds, toMs: 111_000 })).toEqual(rangeOf(held, bounds));
});

test("zooming out as far as it goes shows all", ({ expect }) => {
  const zoomed = moveTime(all, { kind: "zoom", factor: 0.5, at: 0.5 }, bounds);
  expect(moveTime(zoomed, { kind: "zoom", factor: 2, at: 0.5 }, bounds)).toEqual(all);
});

test("home and end keep the zoom, and a stretch that is asked for is seen whole", ({ expect }) => {
  const zoomed = moveTime(all, { kind: "zoom", factor: 0.1, at: 0.5 }, bounds);
  expect(rangeOf(moveTime(zoomed, { kind: "start" }, bounds), bounds)).toEqual({
    fromMs: 1_000,
    toMs: 11_000,
  });
  expect(moveTime(zoomed, { kind: "end" }, bounds)).toEqual({ kind: "last", spanMs: 10_000 });
  const shown = rangeOf(moveTime(all, { kind: "show", fromMs: 40_000, toMs: 42_000 }, bounds), bounds);
  expect(shown).toEqual({ fromMs: 39_000, toMs: 43_000 });
});

const move: fc.Arbitrary<TimeMove> = fc.oneof(
  fc.constantFrom<TimeMove>({ kind: "all" }, { kind: "start" }, { kind: "end" }),
  fc.record({
    kind: fc.constant("zoom" as const),
    factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("pan" as const), part: fc.double({ min: -5, max: 5, noNaN: true }) }),
);

test("no row of moves leads out of the bounds or to nothing", ({ expect }) => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let window: TimeWindow = all;
      for (const each of moves) window = moveTime(window, each, bounds);
      const { fromMs, toMs } = rangeOf(window, bounds);
      expect(fromMs).toBeGreaterThanOrEqual(bounds.fromMs - 0.01);
      expect(toMs).toBeLessThanOrEqual(bounds.toMs + 0.01);
      expect(toMs - fromMs).toBeGreaterThanOrEqual(199);
    }),
  );
});

test("ticks are round times since the origin, and far enough apart for their labels", ({ expect }) => {
  const cases = [
    { range: { fromMs: 1_000, toMs: 61_000 }, width: 360, firsts: [1_000, 16_000, 31_000] },
    { range: { fromMs: 1_000, toMs: 61_000 }, width: 1_200, firsts: [1_000, 6_000, 11_000] },
    { range: { fromMs: 31_200, toMs: 32_200 }, width: 900, firsts: [31_200, 31_300, 31_400] },
  ];
  for (const { range, width, firsts } of cases) {
    expect(ticksOf(range, 1_000, width).slice(0, 3)).toEqual(firsts);
  }
  const twoDays = ticksOf({ fromMs: 0, toMs: 48 * 3_600_000 }, 0, 800);
  expect(twoDays.length).toBeGreaterThan(3);
  expect(twoDays.length).toBeLessThan(10);
});

test("where there is no room or no time there are no ticks", ({ expect }) => {
  expect(ticksOf({ fromMs: 5, toMs: 5 }, 0, 500)).toEqual([]);
  expect(ticksOf(bounds, 0, 0)).toEqual([]);
});
