import { describe, test } from "vitest";
import { EventKinds, HarnessEvent } from "../../shared/events.ts";
import { Limits } from "../../shared/limits.ts";
import { readFixture } from "./fixtures.ts";

const kindsOfHarness = Object.entries(EventKinds)
  .filter(([, { by }]) => by !== "object")
  .map(([kind]) => kind);

test("a harness may report exactly the kinds that the table says are its own", ({ expect }) => {
  const { events } = readFixture("beat");
  const seen = Array.isArray(events) ? events.map((event) => HarnessEvent.parse(event).kind) : [];
  expect(new Set(seen)).toStrictEqual(new Set(kindsOfHarness));
  for (const kind of Object.keys(EventKinds).filter((each) => !kindsOfHarness.includes(each))) {
    expect(HarnessEvent.safeParse({ seq: 1, at: 1, kind, text: "t" }).success, kind).toBe(false);
  }
});

test("what says why a job ended is never pruned", ({ expect }) => {
  const prunable = Object.entries(EventKinds)
    .filter((entry) => entry[1].prunable)
    .map(([kind]) => kind);
  expect(prunable).toStrictEqual(["output", "tool-start", "tool-end", "progress", "usage"]);
});

describe("an event is refused", () => {
  const output = { seq: 1, at: 1, kind: "output", stream: "agent", text: "t" } as const;
  const rows: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
    ["without a sequence number", { ...output, seq: undefined }],
    ["with a sequence number of 0", { ...output, seq: 0 }],
    ["with half a time", { ...output, at: 0.5 }],
    ["of a kind nobody knows", { ...output, kind: "telepathy" }],
    ["with a text over its limit", { ...output, text: "x".repeat(Limits.eventTextChars + 1) }],
    ["of a stream nobody knows", { ...output, stream: "stdout" }],
    ["as a gap of none", { seq: 1, at: 1, kind: "gap", count: 0, reason: "r" }],
    [
      "as a tool call that ended before it began",
      { seq: 1, at: 1, kind: "tool-end", tool: "t", callId: "c", ok: true, durationMs: -1 },
    ],
    [
      "as a follow-up without a title",
      { seq: 1, at: 1, kind: "follow-up", followUp: { kind: "question", detail: "" } },
    ],
  ];
  for (const [why, event] of rows) {
    test(`when it comes ${why}`, ({ expect }) => {
      expect(HarnessEvent.safeParse(event).success).toBe(false);
    });
  }

  test("and a text at its limit, or a gap of unknown size, is not", ({ expect }) => {
    expect(HarnessEvent.safeParse({ ...output, text: "x".repeat(Limits.eventTextChars) }).success).toBe(true);
    expect(HarnessEvent.safeParse({ seq: 1, at: 1, kind: "gap", count: null, reason: "r" }).success).toBe(
      true,
    );
  });
});
