import { describe, test } from "vitest";
import type { Card } from "../../shared/board.ts";
import { Status } from "../../shared/job-view.ts";
import { takePage } from "../../worker/ui/board/cards.ts";
import { type ColumnName, columnOf, mostUrgentIn, toColumns } from "../../worker/ui/board/columns.ts";
import { toCost } from "../../worker/ui/board/cost.ts";
import { concerning, extendedUntil } from "../../worker/ui/deadline/extension.ts";
import { isFiltering, matches } from "../../worker/ui/board/filter.ts";
import { doubtfulAt } from "../../worker/ui/board/freshness.ts";
import { extendableOf, urgencyOf } from "../../worker/ui/deadline/stop-text.ts";
import { lookOf } from "../../worker/ui/components/looks.ts";
import { noFilter, sorts } from "../../worker/ui/route.ts";
import { makeCard, makeOutcome, T0 } from "./cards.ts";

describe("columns", () => {
  const standing: Readonly<Record<Status, ColumnName>> = {
    queued: "queued",
    starting: "starting",
    running: "working",
    recovering: "working",
    stopping: "working",
    done: "done",
    failed: "failed",
    cancelled: "failed",
    evicted: "failed",
  };
  for (const status of Status.options) {
    test(`a card that is ${status} stands under ${standing[status]}`, ({ expect }) => {
      expect(columnOf(makeCard({ status }))).toBe(standing[status]);
    });
    test(`a card that is ${status} and waits for a person stands under attention`, ({ expect }) => {
      expect(columnOf(makeCard({ status, attention: { since: T0, why: "it asks" } }))).toBe("attention");
    });
  }
  test("a job that is done and says that it failed stands under failed", ({ expect }) => {
    expect(columnOf(makeCard({ status: "done", outcome: makeOutcome("result-error") }))).toBe("failed");
    expect(columnOf(makeCard({ status: "done", outcome: makeOutcome("done") }))).toBe("done");
  });
});

describe("what a later version may send", () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what no schema of this version lets in
  const status = "hibernating" as Status;
  test("a card of a status that this page does not know stands where it may be", ({ expect }) => {
    expect(columnOf(makeCard({ status }))).toBe("working");
    expect(columnOf(makeCard({ status, endedAt: T0 }))).toBe("failed");
    expect(toColumns([makeCard({ status })], "newest").working.length).toBe(1);
  });
  test("such a status is told by its name, every known one by a word and a shape", ({ expect }) => {
    expect(lookOf(status, false)).toEqual({ mark: "alert", tone: "quiet", word: "hibernating" });
    expect(Status.options.map((known) => lookOf(known, false).mark)).not.toContain("alert");
    expect(lookOf("done", true).word).toBe("Done, with an error");
  });
});

describe("the column on a narrow screen", () => {
  const grouped = toColumns([makeCard({ status: "failed" }), makeCard({ status: "queued" })], "newest");
  const none = toColumns([], "newest");
  test("it is the most urgent that holds anything, once the board was read", ({ expect }) => {
    expect(mostUrgentIn(null)).toBe(null);
    expect(mostUrgentIn(none)).toBe(null);
    expect(mostUrgentIn(grouped)).toBe("queued");
  });
});

describe("order", () => {
  const cards = [
    makeCard({
      jobId: "b",
      title: "Beta",
      startedAt: T0 + 2,
      deadline: deadlineAt(T0 + 50),
      usage: usageOf(1),
    }),
    makeCard({
      jobId: "a",
      title: "alpha",
      startedAt: T0 + 1,
      signals: signalsAt(T0 - 9),
      usage: usageOf(2),
    }),
    makeCard({
      jobId: "c",
      title: "Gamma",
      startedAt: T0 + 3,
      deadline: deadlineAt(T0 + 40),
      usage: usageOf(3),
    }),
  ];
  const expected = {
    newest: "cba",
    oldest: "abc",
    deadline: "cba",
    heard: "acb",
    cost: "cab",
    title: "abc",
  } as const;
  for (const sort of sorts) {
    test(`by ${sort} the cards stand ${expected[sort]}, in whatever order they come`, ({ expect }) => {
      for (const given of [cards, cards.toReversed()]) {
        expect(
          toColumns(given, sort)
            .working.map(({ jobId }) => jobId)
            .join(""),
        ).toBe(expected[sort]);
      }
    });
    test(`by ${sort} equal cards keep their places`, ({ expect }) => {
      const equal = ["x", "y", "z"].map((jobId) => makeCard({ jobId }));
      const names = (given: readonly Card[]) => toColumns(given, sort).working.map(({ jobId }) => jobId);
      expect(names(equal)).toEqual(names(equal.toReversed()));
    });
  }
  test("a line stands in its own order, unless another is asked for", ({ expect }) => {
    const line = cards.map((card) => ({ ...card, status: "queued" as const }));
    const names = (sort: "newest" | "title" | "deadline") =>
      toColumns(line, sort)
        .queued.map(({ jobId }) => jobId)
        .join("");
    expect([names("newest"), names("deadline")]).toEqual(["abc", "cba"]);
  });
  test("of ended cards the one that ended last is the newest", ({ expect }) => {
    const ended = [
      makeCard({ jobId: "a", status: "done", startedAt: T0 + 9, endedAt: T0 + 10 }),
      makeCard({ jobId: "b", status: "done", startedAt: T0, endedAt: T0 + 20 }),
    ];
    expect(toColumns(ended, "newest").done.map(({ jobId }) => jobId)).toEqual(["b", "a"]);
  });
  function deadlineAt(at: number): Card["deadline"] {
    return { name: "inactivity", at, extendable: true, why: "" };
  }
  function signalsAt(process: number): Card["signals"] {
    return { process, output: null, tool: null };
  }
  function usageOf(containerSeconds: number): Card["usage"] {
    return { containerSeconds, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
  }
});

describe("filter", () => {
  const card = makeCard({
    status: "failed",
    labels: { title: "Fix the flaky test", team: "growth", "a:b": "c", nightly: "" },
    outcome: makeOutcome("agent-failed"),
  });
  const shown = [
    { text: "" },
    { text: "  " },
    { text: "flaky" },
    { text: "FLAKY fix" },
    { text: "acme/shop" },
    { text: "holt/fl gpt" },
    { text: "exec_1-coder" },
    { text: "agent-failed growth" },
    { statuses: ["failed", "done"] },
    { labels: ["team"] },
    { labels: ["team:growth", "nightly"] },
    { labels: ["a:b:c"] },
    { labels: ["a:b"] },
    { text: "pi", statuses: ["failed"], labels: ["team:growth"] },
  ] as const;
  for (const over of shown) {
    test(`${JSON.stringify(over)} shows the card`, ({ expect }) => {
      expect(matches(card, { ...noFilter, ...over })).toBe(true);
    });
  }
  const hidden = [
    { text: "flaky nowhere" },
    { text: "flaky\u0000test" },
    { statuses: ["done"] },
    { labels: ["team:gro"] },
    { labels: ["growth"] },
    { labels: ["team", "other"] },
    { text: "flaky", statuses: ["queued"] },
  ] as const;
  for (const over of hidden) {
    test(`${JSON.stringify(over)} hides it`, ({ expect }) => {
      expect(matches(card, { ...noFilter, ...over })).toBe(false);
    });
  }
  test("a job whose spec nobody may see is found by its names", ({ expect }) => {
    expect(matches(makeCard({ about: null }), { ...noFilter, text: "exec_1" })).toBe(true);
  });
  test("a filter of spaces filters nothing", ({ expect }) => {
    expect(isFiltering({ ...noFilter, text: " " })).toBe(false);
    expect(isFiltering({ ...noFilter, labels: ["x"] })).toBe(true);
  });
});

describe("pages of a board", () => {
  const one = makeCard({ executionId: "exec_1", jobId: "a" });
  const two = makeCard({ executionId: "exec_1", jobId: "b" });
  const other = makeCard({ executionId: "exec_2", jobId: "a" });
  const begun = takePage(new Map(), { reset: true, removed: [], cards: [one, two, other] });
  test("a changed card takes the place of the one before; the others are the same objects", ({ expect }) => {
    const changed = { ...one, status: "done" } as const;
    const next = [...takePage(begun, { reset: false, removed: [], cards: [changed] }).values()];
    expect(next.find(({ jobId, executionId }) => jobId === "a" && executionId === "exec_1")).toBe(changed);
    expect(next.includes(two) && next.includes(other) && next.length === 3).toBe(true);
  });
  test("a removed execution takes all its cards along, save those that the same page brings", ({
    expect,
  }) => {
    const next = takePage(begun, { reset: false, removed: ["exec_1"], cards: [two] });
    expect([...next.values()]).toEqual([other, two]);
  });
  test("a reset forgets everything", ({ expect }) => {
    expect([...takePage(begun, { reset: true, removed: [], cards: [] }).values()]).toEqual([]);
  });
});

describe("what a card tells of time", () => {
  test("a live card is to be doubted once its execution should have been heard; an ended one never", ({
    expect,
  }) => {
    expect(doubtfulAt(makeCard({ staleAt: T0 + 10 }))).toBe(T0 + 10);
    expect(doubtfulAt(makeCard({ endedAt: T0, staleAt: null }))).toBeNull();
    expect(doubtfulAt(makeCard({ endedAt: T0, staleAt: T0 + 10 }))).toBeNull();
  });
  test("a stop is soon within five minutes, and due when its time has come", ({ expect }) => {
    expect([300_000, 299_999, 1, 0, -5].map((left) => urgencyOf({ at: T0 + left }, T0))).toEqual([
      "calm",
      "soon",
      "soon",
      "due",
      "due",
    ]);
  });
  test("only what the server lets people move can be extended", ({ expect }) => {
    const why = "";
    const at = T0;
    expect(extendableOf({ name: "max-duration", at, why, extendable: true })).toBe("max-duration");
    expect(extendableOf({ name: "max-duration", at, why, extendable: false })).toBeNull();
    expect(extendableOf({ name: "stop-grace", at, why, extendable: true })).toBeNull();
  });
  test("an extension counts from where the deadline stands, and from now once that is over", ({ expect }) => {
    expect(extendedUntil(T0 + 50, T0, 100)).toBe(T0 + 150);
    expect(extendedUntil(T0 - 50, T0, 100)).toBe(T0 + 100);
  });
});

describe("what the last wish to extend came to", () => {
  const refused = { kind: "refused", deadline: "inactivity", error: "too late", latest: null } as const;
  const moved = { kind: "moved", deadline: "inactivity", at: T0, revision: 4 } as const;
  const rows = [
    ["a refusal", refused, { name: "inactivity", revision: 4 }, refused],
    ["a refusal, after the job said something else", refused, { name: "inactivity", revision: 5 }, refused],
    ["a refusal of another deadline", refused, { name: "max-duration", revision: 4 }, null],
    ["a refusal, where none stands any more", refused, { name: undefined, revision: 4 }, null],
    ["a move, until the job itself says where it stands", moved, { name: "inactivity", revision: 4 }, moved],
    ["a move that the job shows", moved, { name: "inactivity", revision: 5 }, null],
    ["a move of another deadline", moved, { name: "preview", revision: 4 }, null],
    ["nothing", null, { name: "inactivity", revision: 4 }, null],
  ] as const;
  for (const [what, extended, shown, concerns] of rows) {
    test(`${what} ${concerns === null ? "is not shown" : "is shown"}`, ({ expect }) => {
      expect(concerning(extended, shown)).toEqual(concerns);
    });
  }
});

describe("cost", () => {
  const none = { containerSeconds: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
  const rows = [
    [none, null],
    [{ ...none, containerSeconds: 61.2 }, "1 min 1 s"],
    [{ ...none, containerSeconds: 4, input: 900, output: 80 }, "4\u00A0s · 900\u00A0in · 80\u00A0out"],
    [
      { containerSeconds: 4, input: 18_211, cacheRead: 90_112, cacheWrite: 1_000, output: 2_714 },
      "4\u00A0s · 109k\u00A0in · 2.7k\u00A0out",
    ],
  ] as const;
  for (const [usage, short] of rows) {
    test(`${JSON.stringify(usage)} is ${short}`, ({ expect }) => {
      expect(toCost(usage)?.short ?? null).toBe(short);
    });
  }
  test("in words it says what came from the cache", ({ expect }) => {
    expect(toCost({ ...none, containerSeconds: 4, input: 100, cacheRead: 2_000, output: 1 })?.long).toBe(
      "4 s of container, 2.1k tokens in (2.0k of them from the cache), 1 tokens out",
    );
  });
});
