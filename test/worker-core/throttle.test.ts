import { test } from "vitest";
import { Throttle } from "../../worker/execution/intake/throttle.ts";
import { T0 } from "./build.ts";

test("a burst of two seconds' worth is admitted, the next not before its time", ({ expect }) => {
  const throttle = new Throttle(20);
  const admitted = Array.from({ length: 100 }, () => throttle.admits(T0)).filter(Boolean);
  expect(admitted).toHaveLength(40);
  expect(throttle.admits(T0 + 49)).toBe(false);
  expect(throttle.admits(T0 + 50)).toBe(true);
  expect(throttle.admits(T0 + 50)).toBe(false);
});

test("over a minute no more than the rate and one burst is admitted", ({ expect }) => {
  const throttle = new Throttle(20);
  let admitted = 0;
  for (let ms = 0; ms < 60_000; ms += 5) if (throttle.admits(T0 + ms)) admitted += 1;
  expect(admitted).toBeGreaterThan(1_200);
  expect(admitted).toBeLessThanOrEqual(1_240);
});

test("a clock that steps back gives nothing away", ({ expect }) => {
  const throttle = new Throttle(1);
  expect([throttle.admits(T0), throttle.admits(T0), throttle.admits(T0 - 10_000)]).toStrictEqual([
    true,
    true,
    false,
  ]);
});
