import * as fc from "fast-check";
import { test } from "vitest";
import { barsOf, type Spanning, toLanes } from "../../../worker/ui/execution/timeline/lanes.ts";

function span(fromMs: number, toMs: number): Spanning {
  return { fromMs, toMs };
}

function manySpans(count: number): readonly Spanning[] {
  return Array.from({ length: count }, (_each, index) => span(index * 10, index * 10 + 35));
}

test("spans one after the other share a lane, those beside each other do not", ({ expect }) => {
  expect(toLanes([span(0, 5), span(5, 9)], 8)).toHaveLength(1);
  expect(toLanes([span(0, 5), span(4, 9), span(6, 8)], 8)).toEqual([[span(0, 5), span(6, 8)], [span(4, 9)]]);
});

test("more beside each other than there are lanes go into the last", ({ expect }) => {
  const lanes = toLanes([span(0, 10), span(1, 10), span(2, 10), span(3, 10)], 2);
  expect(lanes.map((lane) => lane.length)).toEqual([1, 3]);
});

test("no span is lost, and none overlaps another in a lane but the last", ({ expect }) => {
  const spans = fc.array(fc.tuple(fc.nat(1_000), fc.nat(50)), { maxLength: 200 });
  fc.assert(
    fc.property(spans, (found) => {
      const sorted = found
        .map(([fromMs, length]) => span(fromMs, fromMs + length))
        .toSorted((a, b) => a.fromMs - b.fromMs);
      const lanes = toLanes(sorted, 4);
      expect(lanes.flat()).toHaveLength(sorted.length);
      for (const lane of lanes.slice(0, 3)) {
        for (const [index, each] of lane.entries()) {
          expect(each.fromMs).toBeGreaterThanOrEqual(lane[index - 1]?.toMs ?? 0);
        }
      }
    }),
  );
});

test("of 5,000 spans the screen gets no more bars than it has room for, and all are among them", ({
  expect,
}) => {
  const lanes = toLanes(manySpans(5_000), 8);
  for (const lane of lanes) {
    const bars = barsOf(lane, { fromMs: 0, toMs: 50_035 }, 900);
    expect(bars.length).toBeLessThanOrEqual(300);
    expect(bars.flatMap(({ spans }) => spans)).toHaveLength(lane.length);
    for (const [index, { x, width }] of bars.entries()) {
      expect(width).toBeGreaterThanOrEqual(3);
      expect(x).toBeGreaterThanOrEqual((bars[index - 1]?.x ?? -3) + 3);
      expect(x + width).toBeLessThanOrEqual(901);
    }
  }
});

test("bars are cut at the window, and what lies outside is left out", ({ expect }) => {
  const bars = barsOf(
    [span(0, 10), span(20, 60), span(90, 200), span(300, 310)],
    { fromMs: 50, toMs: 150 },
    100,
  );
  expect(bars).toEqual([
    { x: 0, width: 10, spans: [span(20, 60)] },
    { x: 40, width: 60, spans: [span(90, 200)] },
  ]);
});

test("of spans that are one bar the longest stands first", ({ expect }) => {
  const [bar] = barsOf([span(0, 1), span(1, 40), span(40, 41)], { fromMs: 0, toMs: 1_000 }, 30);
  expect(bar?.spans).toEqual([span(1, 40), span(0, 1), span(40, 41)]);
});

test("the work grows with the number of spans and no faster", ({ expect }) => {
  // Counted, not timed: how often a span's bounds are read.
  const readsFor = (count: number): number => {
    let reads = 0;
    const spans = manySpans(count).map(({ fromMs, toMs }) => ({
      get fromMs() {
        reads += 1;
        return fromMs;
      },
      get toMs() {
        reads += 1;
        return toMs;
      },
    }));
    for (const lane of toLanes(spans, 8)) barsOf(lane, { fromMs: 0, toMs: count * 10 }, 900);
    return reads;
  };
  expect(readsFor(50_000) / readsFor(5_000)).toBeLessThan(12);
});
