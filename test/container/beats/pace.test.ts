import * as fc from "fast-check";
import { test } from "vitest";
import { answerMs, backoffMs, nextBeatAt } from "../../../container/beats/pace.ts";

const pace = {
  startedAt: 1_000,
  endedAt: 1_010,
  nextBeatMs: 10_000,
  failures: 0,
  unsentSince: null,
  urgent: false,
};

test("quiet beats follow the interval, and an event brings the next one forward to within 250 ms", ({
  expect,
}) => {
  expect(nextBeatAt(pace)).toBe(11_000);
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 11_000 }), (unsentSince) => {
      const dueAt = nextBeatAt({ ...pace, unsentSince });
      expect(dueAt).toBeLessThanOrEqual(Math.max(unsentSince + 250, 1_060));
      expect(dueAt).toBeLessThanOrEqual(11_000);
    }),
  );
});

test("however much comes in, twenty beats a second are not exceeded", ({ expect }) => {
  for (const busy of [{ urgent: true }, { nextBeatMs: 20 }, { nextBeatMs: 20, unsentSince: 0 }]) {
    expect(nextBeatAt({ ...pace, ...busy }) - pace.startedAt).toBeGreaterThanOrEqual(50);
  }
});

test("failures wait 250 ms, then twice as long each time, up to 10 s, but not past the beat interval", ({
  expect,
}) => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map((failures) => backoffMs(failures, 10_000))).toStrictEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  expect(backoffMs(5, 400)).toBe(400);
  expect(backoffMs(2_000, 60_000)).toBe(10_000);
  expect(nextBeatAt({ ...pace, failures: 1, urgent: true })).toBe(1_260);
});

test("an answer is waited for at least a second and at most ten", ({ expect }) => {
  expect([20, 3_000, 60_000].map(answerMs)).toStrictEqual([1_000, 3_000, 10_000]);
});
