import { describe, test } from "vitest";
import { callWords } from "../../../worker/ui/execution/timeline/call-words.ts";
import type { Timeline, ToolCall } from "../../../worker/ui/execution/timeline/timeline.ts";
import { MAX_ROWS, rowsIn } from "../../../worker/ui/execution/timeline/timeline-rows.ts";

const call: ToolCall = {
  tool: "bash",
  args: "npm test",
  fromMs: 0,
  toMs: 10,
  state: "ok",
  cursor: 1,
};
const none: Timeline = { fromMs: 0, toMs: 1_000, attempts: [], phases: [], calls: [], moments: [] };

describe("the table of a timeline", () => {
  test("has what is within the window, in the order of time", ({ expect }) => {
    const timeline: Timeline = {
      ...none,
      attempts: [{ number: 1, fromMs: 30, toMs: 90, end: "lost" }],
      phases: [
        { name: "clone", fromMs: 0, toMs: 29, isOpen: false },
        { name: "agent", fromMs: 40, toMs: 90, isOpen: true },
      ],
      calls: [
        { ...call, fromMs: 20, toMs: 35 },
        { ...call, cursor: 2, fromMs: 61, toMs: 70 },
      ],
      moments: [
        { atMs: 50, kind: "cancel", cursor: 9 },
        { atMs: 29, kind: "question", cursor: 8 },
      ],
    };
    const { rows, more } = rowsIn(timeline, { fromMs: 30, toMs: 60 });
    expect(rows.map(({ atMs, what, tookMs }) => `${atMs} ${what} ${tookMs}`)).toEqual([
      "20 bash, ok, 0 s: npm test 15",
      "30 Attempt 1, lost 60",
      "40 Phase agent 50",
      "50 cancel asked for null",
    ]);
    expect(more).toBe(0);
  });

  test("of thousands of calls tells those that it shows, and of no other a word", ({ expect }) => {
    let told = 0;
    const calls = Array.from({ length: 5_000 }, (_each, index): ToolCall => ({
      ...call,
      cursor: index,
      fromMs: index,
      get args() {
        told += 1;
        return "npm test";
      },
    }));
    const { rows, more } = rowsIn({ ...none, calls }, { fromMs: 0, toMs: 10_000 });
    expect({ rows: rows.length, more }).toEqual({ rows: MAX_ROWS, more: 5_000 - MAX_ROWS });
    expect(told).toBeLessThanOrEqual(MAX_ROWS);
  });
});

test("the words of a call under way stay the same while it goes on; those of an ended one say how long it took", ({
  expect,
}) => {
  const open = { ...call, state: "open" } as const;
  expect(callWords(open)).toBe("bash, under way: npm test");
  expect(callWords({ ...open, toMs: 9_000 })).toBe(callWords(open));
  expect(callWords({ ...call, state: "failed", toMs: 1_400 })).toBe("bash, failed, 1.4 s: npm test");
});
