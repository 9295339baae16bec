import { describe, test } from "vitest";
import { deadlinesFor } from "../../worker/execution/deadlines.ts";
import { toJobView } from "../../worker/execution/view.ts";
import { DONE, JOB, makePolicy, makeToolEnd } from "./build.ts";
import { extras } from "./extras.ts";
import { type Run, runningRun } from "./run.ts";

const SECOND = "run_1-second";

function withSecond(over: Parameters<Run["dispatch"]>[0] = {}): Run {
  const run = runningRun({ door: "native" });
  run.beat({ outputAgeMs: 0 }, 100);
  run.dispatch({ door: "native", jobId: SECOND, ...over }, 100);
  return run;
}

function deadlineOf(run: Run, jobId: string, name: string): number | undefined {
  return deadlinesFor(run.it, run.jobOf(jobId)).find((each) => each.name === name)?.at;
}

describe("a job that waits behind another is revised", () => {
  for (const deadline of ["max-duration", "inactivity"] as const) {
    test(`where that one's ${deadline} is extended`, ({ expect }) => {
      const run = withSecond();
      const { revision } = run.jobOf(SECOND);
      const until = run.now + 5 * 3_600_000;
      run.give({ kind: "extend", jobId: JOB, deadline, until }, 10);
      expect(deadlineOf(run, SECOND, deadline)).toBe(until);
      expect(run.jobOf(SECOND).revision).toBeGreaterThan(revision);
    });
  }

  test("where the one before it comes to another step, or is stopped", ({ expect }) => {
    const run = withSecond();
    for (const move of [() => run.beat({ phase: "push" }, 10), () => run.cancel(10)]) {
      const { revision } = run.jobOf(SECOND);
      move();
      expect(run.jobOf(SECOND).revision).toBeGreaterThan(revision);
    }
  });

  test("where the one before it comes to a step that ends at the same moment, and is another", ({
    expect,
  }) => {
    const run = withSecond();
    run.beat({ phase: "clone" }, 10);
    const until = deadlineOf(run, SECOND, "step") ?? 0;
    for (const { pushMs } = makePolicy(); run.now < until - pushMs; run.tick())
      run.beat({ phase: "clone" }, Math.min(10_000, until - pushMs - run.now));
    const { revision } = run.jobOf(SECOND);
    run.beat({ phase: "push" });
    expect(deadlineOf(run, SECOND, "step")).toBe(until);
    expect(run.jobOf(SECOND).revision).toBeGreaterThan(revision);
  });

  test("and not by signs of life of that one, nor by ticks", ({ expect }) => {
    const run = withSecond();
    const { revision } = run.jobOf(SECOND);
    for (let seq = 1; seq <= 20; seq += 1) {
      run.beat({ events: [makeToolEnd(seq)], toolAgeMs: 0 }, 5_000);
      run.beat({ outputAgeMs: 0 }, 5_000);
      run.tick();
    }
    expect(run.jobOf(SECOND).revision).toBe(revision);
  });
});

test("a tick that finds all well revises no job, and the execution alone", ({ expect }) => {
  const run = withSecond();
  const revisions = run.it.jobs.map(({ revision }) => revision);
  const { revision } = run.it;
  run.tick(30_000);
  expect(run.it.jobs.map((job) => job.revision)).toStrictEqual(revisions);
  expect(run.it.revision).toBeGreaterThan(revision);
});

test("an ended job is revised where its container is told to end, and not by the tries of it", ({
  expect,
}) => {
  const run = runningRun({ policy: makePolicy({ idleMs: 10_000 }) });
  run.beat({ terminal: DONE }, 100);
  const { revision } = run.job;
  run.tick(10_000);
  expect(deadlineOf(run, JOB, "stop-retry")).toBeDefined();
  expect(run.job.revision).toBeGreaterThan(revision);
  const told = run.job.revision;
  run.unproved(5_000);
  run.tick(15_000);
  expect(run.job.revision).toBe(told);
});

test("an ended job is revised where what is known of its container gives way to another's", ({ expect }) => {
  const run = withSecond({ size: "standard-2" });
  run.beat({ terminal: DONE }, 100);
  run.dead(300);
  const coldStart = () => toJobView(run.it, run.job, run.now, extras).container?.coldStartMs;
  run.started(10);
  expect(coldStart()).toBe(900);
  const { revision } = run.job;
  run.give({ kind: "dead", instance: run.instance.id, proof: "it never answered" }, 100);
  expect(coldStart()).toBeNull();
  expect(run.job.revision).toBeGreaterThan(revision);
});
