import { test } from "vitest";
import { Refusals } from "../../worker/execution/intake/refusals.ts";
import { T0 } from "./build.ts";

test("the first refusal of a code is told at once, the others with the first after a minute", ({
  expect,
}) => {
  const refusals = new Refusals();
  expect(refusals.count("stale-attempt", T0)).toBe(1);
  expect(refusals.count("stale-attempt", T0 + 1)).toBeNull();
  expect(refusals.count("rate-limited", T0 + 2)).toBe(1);
  expect(refusals.count("stale-attempt", T0 + 59_999)).toBeNull();
  expect(refusals.count("stale-attempt", T0 + 60_000)).toBe(3);
  expect(refusals.count("stale-attempt", T0 + 60_001)).toBeNull();
});

test("a clock that is set back silences nothing", ({ expect }) => {
  const refusals = new Refusals();
  refusals.count("stale-attempt", T0 + 86_400_000);
  expect(refusals.count("stale-attempt", T0)).toBe(1);
});
