import * as fc from "fast-check";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, test } from "vitest";
import {
  emptyLog,
  entriesOfJob,
  firstCursor,
  KEPT_ENTRIES,
  KEPT_TEXT_CHARS,
  type KeptLog,
  missingChars,
  takePage,
} from "../../../worker/ui/execution/log/kept-log.ts";
import { entries, event, page } from "./build.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function cursorsOf(log: KeptLog): readonly (number | string)[] {
  return log.entries.map((entry) =>
    entry.kind === "event" ? entry.event.cursor : `${entry.gap.from}-${entry.gap.to}`,
  );
}

describe("pages of the log", () => {
  test("follow each other by cursor, gaps in their places", ({ expect }) => {
    const first = takePage(emptyLog, page(1, 3, { newest: 9 }));
    const second = takePage(first, page(7, 9, { gaps: [{ from: 4, to: 6, count: 3 }] }));
    expect(cursorsOf(second)).toEqual([1, 2, 3, "4-6", 7, 8, 9]);
    expect(second).toMatchObject({ next: 9, newest: 9 });
  });

  test("that come twice or overlap add nothing twice", ({ expect }) => {
    const log = takePage(emptyLog, page(1, 5));
    expect(takePage(log, page(1, 5)).entries).toBe(log.entries);
    expect(cursorsOf(takePage(log, page(4, 7)))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("that come out of turn are left, and the log is read on from where it was", ({ expect }) => {
    const log = takePage(emptyLog, page(1, 2));
    const ahead = takePage(log, page(5, 6));
    expect(cursorsOf(ahead)).toEqual([1, 2]);
    expect(ahead).toMatchObject({ next: 2, newest: 6 });
  });

  test("without events move the cursor past what was pruned at the end", ({ expect }) => {
    const log = takePage(emptyLog, page(1, 0, { next: 4, newest: 4, gaps: [{ from: 1, to: 4, count: 4 }] }));
    expect(cursorsOf(log)).toEqual(["1-4"]);
    expect(log.next).toBe(4);
  });

  test("a gap that was read in part is counted for the rest", ({ expect }) => {
    const log = takePage(emptyLog, page(1, 4));
    const next = takePage(log, page(8, 8, { gaps: [{ from: 3, to: 7, count: 5 }] }));
    expect(next.entries[4]).toEqual({ kind: "gap", gap: { from: 5, to: 7, count: 3 } });
  });

  test("in whatever order and number, every cursor stands once", ({ expect }) => {
    const pages = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 9 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(pages, (asked) => {
        let log = emptyLog;
        for (const [from, length] of asked) log = takePage(log, page(from, Math.min(30, from + length)));
        expect(cursorsOf(log)).toEqual(Array.from({ length: log.next }, (_each, index) => index + 1));
      }),
    );
  });
});

describe("a log longer than the server itself would keep", () => {
  const read = (newest: number): KeptLog => {
    let log = emptyLog;
    while (log.next < newest) log = takePage(log, page(log.next + 1, Math.min(log.next + 1_000, newest)));
    return log;
  };

  test("keeps its beginning and its end, and counts what lies between in one gap", ({ expect }) => {
    const log = read(25_500);
    expect(log.entries).toHaveLength(KEPT_ENTRIES);
    expect(log.next).toBe(25_500);
    expect(log.entries[1_999]).toMatchObject({ event: { cursor: 2_000 } });
    expect(log.entries[2_000]).toEqual({ kind: "gap", gap: { from: 2_001, to: 7_501, count: 5_501 } });
    expect(log.entries[2_001]).toMatchObject({ event: { cursor: 7_502 } });
    expect(log.entries.at(-1)).toMatchObject({ event: { cursor: 25_500 } });
    expect(log.entries.filter(({ kind }) => kind === "gap")).toHaveLength(1);
  });

  test("is whole up to that", ({ expect }) => {
    expect(cursorsOf(read(KEPT_ENTRIES))).toEqual(
      Array.from({ length: KEPT_ENTRIES }, (_each, index) => index + 1),
    );
  });

  test("counts a gap of the server by what it misses", ({ expect }) => {
    const begun = read(2_500);
    const holed = takePage(begun, {
      ...page(2_601, 3_000, { newest: 22_600 }),
      gaps: [{ from: 2_501, to: 2_600, count: 100 }],
    });
    let log = holed;
    while (log.next < 22_600) log = takePage(log, page(log.next + 1, log.next + 700));
    expect(log.entries[2_000]).toEqual({ kind: "gap", gap: { from: 2_001, to: 4_601, count: 2_601 } });
  });
});

test("what is kept of a long text does not hold the rest of it in memory", ({ expect }) => {
  const chars = 1_000_000;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  let log = emptyLog;
  for (let cursor = 1; cursor <= 40; cursor += 1) {
    const long = event("output", 0, { cursor, text: `${cursor}`.repeat(chars).slice(1, chars) });
    log = takePage(log, { ...page(1, 0), events: [long], next: cursor, newest: cursor });
  }
  expect(heap() - before).toBeLessThan((40 * chars) / 4);
  expect(log.entries).toHaveLength(40);
});

test("a long text is kept in part, and says how much is missing", ({ expect }) => {
  const long = event("output", 0, { cursor: 1, text: "x".repeat(16_000) });
  const log = takePage(emptyLog, { ...page(1, 0), events: [long], next: 1, newest: 1 });
  const [entry] = log.entries;
  if (entry?.kind !== "event") throw new Error("no event");
  expect(entry.event["text"]).toHaveLength(KEPT_TEXT_CHARS);
  expect(missingChars(entry.event)).toBe(16_000 - KEPT_TEXT_CHARS);
  expect(missingChars(long)).toBe(0);
});

test("a job's entries are its own, those of no job, and the gaps", ({ expect }) => {
  const log: KeptLog = {
    ...emptyLog,
    entries: [
      ...entries(event("phase", 0), event("phase", 1, { jobId: "e_1-other" })),
      { kind: "gap", gap: { from: 90, to: 91, count: 2 } },
      ...entries(event("instance-started", 2, { jobId: null })),
    ],
  };
  const kinds = entriesOfJob(log, "e_1-coder").map((entry) =>
    entry.kind === "gap" ? "gap" : entry.event.kind,
  );
  expect(kinds).toEqual(["phase", "gap", "instance-started"]);
  expect(log.entries.map(firstCursor)).toHaveLength(4);
});
