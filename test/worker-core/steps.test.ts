import { describe, test } from "vitest";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { JOB, makePolicy } from "./build.ts";
import { type Run, runningRun } from "./run.ts";

const BEAT_MS = 10_000;
const policy = makePolicy({ recovery: "heal" });

/** A harness that told of this phase, and beats in it until so long before the phase's limit; its object is awake. */
function inStep(phase: "clone" | "push", leftMs: number): Run {
  const run = runningRun({ door: "native", policy });
  run.beat({ phase }, 100);
  const until = stepAt(run) - leftMs;
  while (run.now < until) {
    run.beat({ phase }, Math.min(BEAT_MS, until - run.now));
    run.tick();
  }
  return run;
}

function stepAt(run: Run): number {
  return deadlines(run.it).find(({ name }) => name === "step")?.at ?? Number.NaN;
}

describe("a step whose limit passes while nobody looks", () => {
  test("is not stopped before a beat that is being retried can tell that it is over", ({ expect }) => {
    const run = inStep("clone", 30_000);
    run.tick(60_000);
    expect(run.job).toMatchObject({ status: "running", stop: null });
    run.beat({ phase: "agent", outputAgeMs: 100 }, 10);
    run.tick(30_000);
    expect(run.job).toMatchObject({ status: "running", phase: "agent" });
  });

  test("has as long as silence has, where the same late alarm gave that its time", ({ expect }) => {
    const run = inStep("push", 55_000);
    run.tick(70_000);
    expect(run.job.current?.forgiven.silence?.until).toBeGreaterThan(run.now);
    expect(stepAt(run)).toBeGreaterThanOrEqual(run.job.current?.forgiven.silence?.until ?? 0);
    expect(run.job.stop).toBeNull();
  });

  test("is not stopped by one that passes before retried beats have had their time either", ({ expect }) => {
    const run = inStep("clone", 41_000);
    run.tick(40_000);
    run.tick(1_000);
    expect(run.job.stop).toBeNull();
    run.beat({ phase: "agent", outputAgeMs: 100 }, 3_000);
    run.tick(30_000);
    expect(run.job.status).toBe("running");
  });

  test("is stopped all the same when beats go on telling of it, and people are told when", ({ expect }) => {
    const run = inStep("clone", 30_000);
    const limitAt = stepAt(run);
    run.tick(60_000);
    const near = run.job.notes.filter(({ code }) => code === "step-near");
    expect(near).toHaveLength(2);
    const leftMs = stepAt(run) - run.now;
    expect(near.at(-1)?.text).toContain(`in ${Math.round(leftMs / 1_000)}s the step deadline passes`);
    while (run.job.stop === null) {
      run.beat({ phase: "clone" }, BEAT_MS);
      run.tick();
    }
    expect(run.job.stop.cause).toBe("step-clone");
    expect(run.now).toBeLessThanOrEqual(limitAt + 60_000 + BEAT_MS);
  });
});

test("a step that lasts too long is stopped on time while its harness beats", ({ expect }) => {
  const run = inStep("push", BEAT_MS);
  const limitAt = stepAt(run);
  run.beat({ phase: "push" }, BEAT_MS / 2);
  run.tick(BEAT_MS / 2);
  expect(run.now).toBe(limitAt);
  expect(run.job.stop?.cause).toBe("step-push");
  expect(run.events.find(({ kind }) => kind === "verdict")?.body).toMatchObject({ observedMs: 300_000 });
});

describe("a step whose harness is asked whether it lives", () => {
  const timeout = { kind: "no-answer", text: "timeout" } as const;

  /** Silent since this long before the limit of its push, and asked once without an answer; the alarms come on time. */
  function asked(): Run {
    const run = inStep("push", 48_000);
    run.tick(25_000);
    run.tick(20_000);
    run.answered(timeout, 10);
    return run;
  }

  test("is nobody's to judge: a container that is gone is a loss, and another attempt follows", ({
    expect,
  }) => {
    const run = asked();
    run.tick(5_000);
    expect(run.job).toMatchObject({ status: "running", stop: null });
    run.answered(timeout, 10);
    expect(run.job).toMatchObject({ status: "recovering", recoveries: [{ evicted: "transient" }] });
    run.dead(100);
    expect(run.job).toMatchObject({ jobId: JOB, status: "starting" });
  });

  test("is stopped when the answer tells that it still lasts", ({ expect }) => {
    const run = asked();
    run.tick(5_000);
    const view = { id: JOB, state: "running", startedAt: 1, heartbeatAt: 1, phase: "push" } as const;
    run.answered({ kind: "known", view }, 10);
    run.tick(1);
    expect(run.job.stop?.cause).toBe("step-push");
  });
});
