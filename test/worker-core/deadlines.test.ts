import { describe, test } from "vitest";
import { ExtendableDeadline } from "../../shared/dispatch.ts";
import { deadlines, deadlinesFor, earliestAt, passedDeadlines } from "../../worker/execution/deadlines.ts";
import { DONE, JOB, makePolicy } from "./build.ts";
import { Run, runningRun } from "./run.ts";
import { type Situation, type SituationName, situations } from "./situations.ts";

const standing: Readonly<Record<SituationName, readonly string[]>> = {
  "queued for capacity": ["start-retry", "queued"],
  "queued for a slot": ["slot", "queued"],
  "queued behind another": ["tick", "silence", "warning", "max-duration", "queued"],
  "starting, start() not yet called": ["tick", "starting", "warning", "max-duration"],
  "starting, probed": ["tick", "starting", "warning", "max-duration"],
  "starting, handed over": ["tick", "starting", "warning", "max-duration"],
  running: ["tick", "silence", "warning", "max-duration"],
  "running, asked": ["tick", "question", "warning", "max-duration"],
  "running, read for want of beats": ["poll", "tick", "silence", "warning", "max-duration"],
  "recovering, its container not proved dead": ["stop-retry", "tick", "warning", "max-duration"],
  "starting again after a loss": ["tick", "starting", "warning", "max-duration"],
  "running, its exit seen": ["judge-exit"],
  "stopping, told": ["tick", "stop-grace"],
  "stopping, SIGTERM sent": ["tick", "stop-grace"],
  "stopping, to be destroyed": ["stop-retry", "tick"],
  "done, its container idle": ["tick", "idle"],
  "failed, its container idle": ["tick", "idle"],
  "cancelled, its container gone": ["retention"],
  "released, its container gone": ["released", "retention"],
  "evicted, its container gone": ["retention"],
};

describe("which deadlines stand, earliest first", () => {
  for (const [name, names] of Object.entries(standing)) {
    test(`${name}: ${names.join(", ")}`, ({ expect }) => {
      const situation: Situation | undefined = Object.entries(situations).find(
        ([each]) => each === name,
      )?.[1];
      const state = situation?.make().it;
      expect(state === undefined ? [] : deadlines(state).map((each) => each.name)).toStrictEqual(names);
    });
  }
});

describe("when they stand", () => {
  test("a wait for capacity ends ten minutes after the first refusal, whatever was tried meanwhile", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.startFailed("no-capacity", 700);
    const since = run.now;
    run.tick(5_000);
    run.startFailed("no-capacity", 900);
    expect(at(run, "queued")).toBe(since + 600_000);
    expect(at(run, "start-retry")).toBe(run.now + 15_000);
  });

  test("a start has ninety seconds from its writing, and as many again once the job is handed over", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    expect(at(run, "starting")).toBe(run.now + 90_000);
    const written = run.now;
    run.started(10_000);
    expect(at(run, "starting")).toBe(written + 90_000);
    run.ready(10_000);
    expect(at(run, "starting")).toBe(run.now + 90_000);
  });

  test("the phase decides which limit its step has, and the agent's own work has none", ({ expect }) => {
    const run = runningRun();
    const limits: readonly (readonly [string, number | null])[] = [
      ["clone", 600_000],
      ["dependencies", 1_500_000],
      ["infra", 1_500_000],
      ["serve", 1_500_000],
      ["push", 300_000],
      ["agent", null],
    ];
    for (const [phase, limitMs] of limits) {
      run.beat({ phase }, 1_000);
      expect(at(run, "step"), phase).toBe(limitMs === null ? null : run.now + limitMs);
    }
  });

  test("a step is counted from the beat that named it, not from each later one", ({ expect }) => {
    const run = runningRun();
    run.beat({ phase: "clone" }, 1_000);
    const since = run.now;
    run.beat({ phase: "clone" }, 9_000);
    expect(at(run, "step")).toBe(since + 600_000);
  });

  test("a stop has its cooperative seconds, then those of SIGTERM, then retries of the destroy", ({
    expect,
  }) => {
    const run = runningRun();
    run.cancel(100);
    expect(at(run, "stop-grace")).toBe(run.now + 10_000);
    run.tick(10_000);
    expect(at(run, "stop-grace")).toBe(run.now + 5_000);
    run.tick(5_000);
    expect(at(run, "stop-grace")).toBeNull();
    expect(at(run, "stop-retry")).toBe(run.now + 10_000);
  });

  test("the tick, the questions, the judging and the retries scale with the policy", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ scale: 0.1 }) });
    expect(at(run, "tick")).toBe(run.instance.lastTickAt + 3_000);
    run.exited(1, 100);
    expect(at(run, "judge-exit")).toBe(run.now + 500);
  });

  test("idle and retention are the largest any job of the execution asked for", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ idleMs: 5_000, retentionMs: 1_000_000 }) });
    run.dispatch({ jobId: "run_1-second", policy: makePolicy({ idleMs: 90_000, retentionMs: 500_000 }) });
    run.beat({ terminal: DONE }, 100);
    run.cancel(100, "run_1-second");
    run.dead(100);
    expect(at(run, "retention")).toBe((run.jobOf("run_1-second").end?.at ?? 0) + 1_000_000);
    const other = runningRun({ policy: makePolicy({ idleMs: 90_000 }) });
    other.beat({ terminal: DONE }, 100);
    expect(at(other, "idle")).toBe(other.now + 90_000);
  });

  test("retention is counted from the end of the last job, and never while a container may live", ({
    expect,
  }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    const ended = run.now;
    expect(at(run, "retention")).toBeNull();
    run.exited(0, 20_000);
    expect(at(run, "retention")).toBe(ended + 7 * 24 * 3_600_000);
  });

  test("max-duration counts work over all starts of the round and leaves the waiting out", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(1_000);
    run.startFailed("rate-limited", 9_000);
    expect(at(run, "max-duration")).toBeNull();
    run.tick(5_000);
    expect(run.job.status).toBe("starting");
    expect(at(run, "max-duration")).toBe(run.now + 3_600_000 - 10_000);
    expect(at(run, "warning")).toBe(run.now + 3_300_000 - 10_000);
  });
});

test("only what is due at a moment has passed, the moment itself included", ({ expect }) => {
  const run = runningRun();
  const first = earliestAt(run.it) ?? 0;
  expect(passedDeadlines(run.it, first - 1)).toStrictEqual([]);
  expect(passedDeadlines(run.it, first).map(({ name }) => name)).toStrictEqual(["tick"]);
});

test("an execution whose storage is to go has nothing else to wait for", ({ expect }) => {
  const run = situations["cancelled, its container gone"].make();
  expect(earliestAt(run.it)).toBe((run.job.end?.at ?? 0) + 7 * 24 * 3_600_000);
});

test("a job behind another shows the other's deadlines and says whom it waits for", ({ expect }) => {
  const run = situations["queued behind another"].make();
  const shown = deadlinesFor(run.it, run.job);
  expect(shown.map(({ name }) => name)).toStrictEqual(standing["queued behind another"]);
  for (const { name, jobId, why, extendable } of shown) {
    expect(why.startsWith("waits behind job run_1-first: "), why).toBe(jobId !== JOB);
    // An extension is of the job that it names, and would leave the other's where it stands.
    if (jobId !== JOB) expect(extendable, name).toBe(false);
  }
});

test("an ended job shows nothing of the job that follows it", ({ expect }) => {
  const run = runningRun();
  run.dispatch({ jobId: "run_1-second" });
  run.beat({ terminal: DONE }, 100);
  expect(deadlinesFor(run.it, run.job).map(({ jobId }) => jobId)).toStrictEqual([null]);
});

function at(run: Run, name: string): number | null {
  return deadlines(run.it).find((each) => each.name === name)?.at ?? null;
}

test("a deadline says that it can be extended exactly where an extension is taken", ({ expect }) => {
  for (const { make } of Object.values(situations)) {
    for (const { name, extendable, jobId } of deadlines(make().it)) {
      const run = make();
      const deadline = ExtendableDeadline.safeParse(name);
      expect(extendable, name).toBe(deadline.success);
      if (!deadline.success) continue;
      const until = run.now + 1_000;
      const { reply } = run.give({ kind: "extend", jobId: jobId ?? JOB, deadline: deadline.data, until });
      expect(reply.kind, name).toBe("extended");
    }
  }
});
