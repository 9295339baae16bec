// What the fault matrix itself relies on: its checks see what they are there for.
import { test } from "vitest";
import type { ExecutionEvent } from "../../../shared/events.ts";
import { uncountedGaps } from "./checks.ts";
import { mostAtOnce } from "./live-containers.ts";
import { expectedOf, faultNames, phaseNames } from "./matrix.ts";
import { describeExpected } from "./observation.ts";
import { differencesFrom, summarize } from "./report.ts";

const jobId = "exec_gaps-coder";

test("a hole in the numbers of an attempt is an uncounted gap, unless a gap of that attempt counts it", ({
  expect,
}) => {
  const hole = [eventOf({ seq: 1 }), eventOf({ seq: 3 })];
  expect(uncountedGaps([eventOf({ seq: 1 }), eventOf({ seq: 2 })], jobId)).toEqual([]);
  expect(uncountedGaps(hole, jobId)).toEqual([expect.stringContaining("1,3")]);
  expect(uncountedGaps([...hole, eventOf({ kind: "gap" })], jobId)).toEqual([]);
  expect(uncountedGaps([...hole, eventOf({ kind: "gap", attempt: 2 })], jobId)).toHaveLength(1);
});

test("a lost attempt has a gap, though its numbers have no hole", ({ expect }) => {
  const lost = [eventOf({ seq: 1 }), eventOf({ kind: "verdict", decision: "recover" })];
  expect(uncountedGaps(lost, jobId)).toEqual([expect.stringContaining("it was lost")]);
  expect(uncountedGaps([...lost, eventOf({ kind: "gap" })], jobId)).toEqual([]);
});

test("two containers that live at one moment are counted, one after the other is one", ({ expect }) => {
  const life = (from: number, until: number) => ({ instance: "i", from, until });
  expect(mostAtOnce([life(0, 5), life(5, 9), life(9, Infinity)])).toBe(1);
  expect(mostAtOnce([life(0, 5), life(4, 9)])).toBe(2);
});

test("every cell has an end of its own, and one that is not on the page is a difference", ({ expect }) => {
  for (const fault of faultNames) {
    for (const phase of phaseNames) expect(describeExpected(expectedOf(fault, phase))).not.toEqual([]);
  }
  const cell = { fault: "half-open", phase: "agent", violations: [], verdictMs: 7, seconds: 1 } as const;
  const right = { ...cell, end: "done; attempt 2; healed transient", evidence: "seen" };
  const page = "| half-open | agent | done; attempt 2; healed transient | seen |";
  expect(differencesFrom(page, [right])).toEqual([]);
  expect(differencesFrom(page, [{ ...right, end: "done" }])).toHaveLength(1);
  expect(summarize([right], 1)).toEqual({
    violations: 1,
    line: "1 cells, 1 violations, fault to verdict p50 7 ms, p99 7 ms",
  });
});

function eventOf(own: Record<string, unknown>): ExecutionEvent {
  return { cursor: 1, at: 1, kind: "output", jobId, attempt: 1, instance: "i", ...own };
}
