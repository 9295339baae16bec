import { test } from "vitest";
import type { Clock } from "../../../container/ports.ts";
import { Telemetry } from "../../../container/registry/telemetry.ts";
import { watch } from "../../../container/registry/watchdogs.ts";

const limits = {
  flow: { cloneMs: 1_000, setupMs: 1_000, pushMs: 1_000, checkpointMs: 1_000, killGraceMs: 1_000 },
  inactivityMs: 60_000,
  maxDurationMs: 3_600_000,
  marginMs: 0,
};

/** A clock whose sleeps take as long as asked for, and once a good deal longer. */
function clockThatSleeps(lateMs: readonly number[]): Clock {
  let now = Date.parse("2099-01-01T00:00:00Z");
  let sleeps = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms + (lateMs[sleeps] ?? 0);
      sleeps += 1;
    },
  };
}

function watchAgent(clock: Clock, more: Partial<Parameters<typeof watch>[0]> = {}): ReturnType<typeof watch> {
  const telemetry = new Telemetry({ clock, redact: (text) => text, emit: () => undefined });
  telemetry.report.phase("agent");
  return watch({
    clock,
    telemetry,
    limits,
    notBefore: () => 0,
    signal: new AbortController().signal,
    ...more,
  });
}

test("silence is judged when its limit is over, not before", async ({ expect }) => {
  expect(await watchAgent(clockThatSleeps([]))).toMatchObject({
    cause: "inactivity-timeout",
    observedMs: 60_000,
  });
});

test("a watchdog that was asleep gives the time back, once", async ({ expect }) => {
  const hour = 3_000_000;
  expect(await watchAgent(clockThatSleeps([hour]))).toMatchObject({
    cause: "inactivity-timeout",
    observedMs: 60_000 + hour,
  });
  const twice = await watchAgent(clockThatSleeps([100_000, 100_000]));
  expect(twice?.observedMs).toBeLessThan(260_000);
});

test("a limit that was moved is not judged by the old one", async ({ expect }) => {
  const clock = clockThatSleeps([]);
  const until = clock.now() + 90_000;
  const verdict = await watchAgent(clock, {
    notBefore: (cause) => (cause === "inactivity-timeout" ? until : 0),
  });
  expect(verdict).toMatchObject({ cause: "inactivity-timeout", observedMs: 90_000 });
});

test("a job that has ended is not judged", async ({ expect }) => {
  expect(await watchAgent(clockThatSleeps([]), { signal: AbortSignal.abort() })).toBeNull();
});
