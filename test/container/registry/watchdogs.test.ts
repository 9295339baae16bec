import { test } from "vitest";
import type { Clock } from "../../../container/ports.ts";
import { Telemetry } from "../../../container/registry/telemetry.ts";
import { watch } from "../../../container/registry/watchdogs.ts";

const limits = {
  flow: {
    cloneMs: 1_000,
    setupMs: 1_000,
    pushMs: 1_000,
    checkpointMs: 1_000,
    killGraceMs: 1_000,
    followUpPollMs: 1_000,
    guard: { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 },
  },
  inactivityMs: 60_000,
  toolSilenceMs: 600_000,
  steps: { cloneMs: 600_000, setupMs: 1_500_000, pushMs: 300_000 },
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
  return watchPhase("agent", clock, more);
}

function watchPhase(
  phase: string,
  clock: Clock,
  more: Partial<Parameters<typeof watch>[0]> = {},
): ReturnType<typeof watch> {
  const telemetry = new Telemetry({ clock, redact: (text) => text, emit: () => undefined });
  telemetry.report.phase(phase);
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
  // 15 s asked for and 10 late, then 15 s and 100 late: the limit is 70 s, and not 160
  expect(await watchAgent(clockThatSleeps([10_000, 100_000]))).toMatchObject({ observedMs: 140_000 });
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

test("an agent that prints all the time and finishes no tool call is ended for that", async ({ expect }) => {
  const clock = clockThatSleeps([]);
  const telemetry = new Telemetry({ clock, redact: (text) => text, emit: () => undefined });
  telemetry.report.phase("agent");
  telemetry.report.toolEnd("read", "c1", true);
  const printing: Clock = {
    now: clock.now,
    sleep: async (ms) => {
      await clock.sleep(ms);
      telemetry.report.activity();
    },
  };
  const verdict = await watchPhase("agent", printing, { telemetry });
  expect(verdict).toMatchObject({ cause: "no-tool-progress", observedMs: 600_000 });
  expect(verdict?.text).toContain("last completed tool read 600s ago");
});

test("each silent step is ended by its own limit, and the text says that it timed out", async ({
  expect,
}) => {
  const rows = { clone: 600, infra: 1_500, serve: 1_500, repair: 1_500, push: 300 };
  for (const [phase, seconds] of Object.entries(rows)) {
    const verdict = await watchPhase(phase, clockThatSleeps([]));
    // ten seconds for a command in it to say more
    expect(verdict).toMatchObject({ cause: `step-${phase}`, limitMs: (seconds + 10) * 1_000 });
    expect(verdict?.text).toBe(`Aborted: the ${phase} step timed out after ${seconds + 10}s`);
  }
});

test("waiting for a folder that another job has is nobody's silence, and has the job's time alone", async ({
  expect,
}) => {
  expect(await watchPhase("starting", clockThatSleeps([]))).toMatchObject({ cause: "max-duration" });
});

test("a limit that an operator moves far away keeps the watchdog from spinning", async ({ expect }) => {
  const clock = clockThatSleeps([]);
  let sleeps = 0;
  const counting: Clock = {
    now: clock.now,
    sleep: (ms) => {
      sleeps += 1;
      return clock.sleep(ms);
    },
  };
  const until = clock.now() + 3_000_000;
  const notBefore = (cause: string): number => (cause === "inactivity-timeout" ? until : 0);
  expect(await watchPhase("agent", counting, { notBefore })).toMatchObject({ cause: "inactivity-timeout" });
  expect(sleeps).toBeLessThan(500);
});
