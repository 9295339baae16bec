import { describe, test } from "vitest";
import { Beat, BeatReply } from "../../shared/beat.ts";
import { Limits } from "../../shared/limits.ts";
import { readFixture } from "./fixtures.ts";

const beat = readFixture("beat");

describe("a beat is refused", () => {
  const event = { seq: 1, at: 1, kind: "note", code: "c", text: "t" };
  const rows: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
    ["of another version", { ...beat, v: 2 }],
    ["without its instance", { ...beat, instance: undefined }],
    ["with an attempt of 0", { ...beat, attempt: 0 }],
    ["with an age of half a millisecond", { ...beat, outputAgeMs: 0.5 }],
    ["with an age left out: null says that there was none", { ...beat, toolAgeMs: undefined }],
    [
      "with more events than a batch holds",
      { ...beat, events: Array.from({ length: Limits.beatEvents + 1 }, () => event) },
    ],
    ["with one event that is none, whole", { ...beat, events: [event, { ...event, kind: "x" }] }],
    ["with an end of unknown state", { ...beat, terminal: { state: "cancelled", error: "e" } }],
    ["with a failed end that gives no error", { ...beat, terminal: { state: "failed" } }],
    ["with a phase longer than a name", { ...beat, phase: "p".repeat(61) }],
  ];
  for (const [why, told] of rows) {
    test(`when it comes ${why}`, ({ expect }) => {
      expect(Beat.safeParse(told).success).toBe(false);
    });
  }

  test("and a full batch, an impossible age or a clock of any year is not", ({ expect }) => {
    const events = Array.from({ length: Limits.beatEvents }, (_, index) => ({ ...event, seq: index + 1 }));
    expect(Beat.safeParse({ ...beat, events, outputAgeMs: -9e15, sentAt: -9e15 }).success).toBe(true);
  });
});

test("a reply knows two directives and no others", ({ expect }) => {
  const reply = { ack: 0, nextBeatMs: 20 };
  const wish = (directive: unknown): boolean =>
    BeatReply.safeParse({ ...reply, directives: [directive] }).success;
  expect(wish({ kind: "stop", cause: "cancelled", graceMs: 0 })).toBe(true);
  expect(wish({ kind: "extend", deadline: "max-duration", until: 1 })).toBe(true);
  expect(wish({ kind: "reboot" })).toBe(false);
  expect(BeatReply.safeParse({ ...reply, directives: [], nextBeatMs: 19 }).success).toBe(false);
});
