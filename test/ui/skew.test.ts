import { test } from "vitest";
import { toSkew } from "../../worker/ui/live/skew.ts";

/** An answer of a server whose clock is `ahead`, with the time of its way there and back. */
function answer(ahead: number, thereMs: number, backMs: number, sentAt = 100_000) {
  return { sentAt, asOf: sentAt + thereMs + ahead, receivedAt: sentAt + thereMs + backMs };
}

test("an answer is taken for one of the middle of its round trip", ({ expect }) => {
  expect(toSkew(null, answer(0, 400, 400))).toEqual({ ms: 0, withinMs: 400 });
  expect(toSkew(null, answer(-60_000, 400, 400))).toEqual({ ms: -60_000, withinMs: 400 });
});

test("of answers that agree, the one of the least round trip counts", ({ expect }) => {
  const slow = toSkew(null, answer(5_000, 100, 1_900));
  expect(slow.ms).toBe(4_100);
  const quick = toSkew(slow, answer(5_000, 20, 20));
  expect(quick).toEqual({ ms: 5_000, withinMs: 20 });
  expect(toSkew(quick, answer(5_000, 1_500, 100))).toBe(quick);
});

test("a difference that nobody sees changes nothing", ({ expect }) => {
  const first = toSkew(null, answer(0, 100, 100));
  expect(toSkew(first, answer(0, 60, 20))).toBe(first);
});

test("a clock that was set is believed, however slow the answer that tells it", ({ expect }) => {
  const before = toSkew(null, answer(0, 20, 20));
  expect(toSkew(before, answer(3_600_000, 500, 500))).toEqual({ ms: 3_600_000, withinMs: 500 });
});
