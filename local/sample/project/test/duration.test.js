import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../src/duration.js";

test("seconds and milliseconds add up", () => {
  assert.equal(parseDuration("2s250ms"), 2250);
});

test("m is minutes and ms is milliseconds", () => {
  assert.equal(parseDuration("5m"), 300_000);
  assert.equal(parseDuration("5ms"), 5);
});

test("an hour and a half is ninety minutes", () => {
  assert.equal(parseDuration("1h30m"), parseDuration("90m"));
});

test("what is no duration is refused", () => {
  for (const text of ["", "soon", "5", "1m1h", "-1s"]) {
    assert.throws(() => parseDuration(text), RangeError);
  }
});

test("a duration survives being written and read", () => {
  for (const durationMs of [0, 1, 999, 61_000, 172_800_001]) {
    assert.equal(parseDuration(formatDuration(durationMs)), durationMs);
  }
});
