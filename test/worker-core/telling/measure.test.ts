import { describe, test } from "vitest";
import { MetricNames } from "../../../worker/metrics/names.ts";
import { DONE, JOB, makeOutput, makePolicy } from "../build.ts";
import { Run, runningRun } from "../run.ts";
import { pointsIn, valuesOf } from "./told.ts";

const heal = makePolicy({ recovery: "heal" });
const phase = (seq: number, name: string) => ({ seq, at: 0, kind: "phase" as const, phase: name });

/** A loss of each kind, healed, and then the end the harness tells of. */
function eventfulRun(): Run {
  const run = runningRun({ policy: heal });
  run.beat({ phase: "clone", events: [phase(1, "clone")] }, 1_000);
  run.beat({ phase: "agent", events: [phase(2, "agent")] }, 4_000);
  run.beat({ phase: "agent", outputAgeMs: 500 }, 2_000);
  run.exited(143, 3_000);
  run.tick(5_000);
  run.started(100);
  run.ready(700);
  run.accepted(JOB, 50);
  run.beat({ phase: "clone" }, 1_000);
  run.beat({ phase: "agent", outputAgeMs: 0 }, 1_000);
  run.beat({ phase: "push", terminal: DONE }, 60_000);
  run.tick(60_000);
  run.dead(500);
  return run;
}

describe("the way to work is measured from the dispatch", () => {
  const run = runningRun();
  run.beat({ phase: "clone", events: [phase(1, "clone")] }, 1_000);
  run.beat({ phase: "agent", events: [phase(2, "agent"), makeOutput(3)], outputAgeMs: 300 }, 4_000);
  const points = pointsIn(run);

  test("to the harness's acceptance, the first phase of the agent and its first output", ({ expect }) => {
    expect(valuesOf(points, "accepted")).toEqual([["first", "", 1_050]]);
    expect(valuesOf(points, "working")).toEqual([["first", "", 6_050]]);
    expect(valuesOf(points, "first-output")).toEqual([["first", "", 5_750]]);
    expect(points.find(({ name }) => name === "working")).toMatchObject({
      about: { executionId: "run_1", jobId: JOB, round: 1, attempt: 1, instance: run.instance.id },
      image: "harness",
      size: "standard-1",
      door: "job",
    });
  });

  test("also where one beat brings all of it", ({ expect }) => {
    const quick = runningRun();
    const events = [phase(1, "clone"), phase(2, "agent"), phase(3, "push")];
    quick.beat({ phase: "push", events, outputAgeMs: 0, terminal: DONE }, 2_000);
    const names = pointsIn(quick).map(({ name }) => name);
    expect(names.filter((name) => name === "working" || name === "first-output")).toEqual([
      "working",
      "first-output",
    ]);
  });

  test("a beat that stands for the acceptance is one", ({ expect }) => {
    const early = new Run();
    early.dispatch();
    early.started(100);
    early.ready(900);
    early.beat({ phase: "agent" }, 100);
    early.accepted(JOB, 10);
    expect(valuesOf(pointsIn(early), "accepted")).toEqual([["first", "", 1_100]]);
    expect(valuesOf(pointsIn(early), "working")).toEqual([["first", "", 1_100]]);
  });

  test("a round that was healed is measured up to its first loss", ({ expect }) => {
    const all = pointsIn(eventfulRun());
    expect(valuesOf(all, "accepted")).toHaveLength(1);
    expect(valuesOf(all, "working")).toHaveLength(1);
    expect(valuesOf(all, "first-output")).toHaveLength(1);
  });

  test("an agent that goes on after a repair does not begin again", ({ expect }) => {
    const again = runningRun();
    again.beat({ phase: "agent", events: [phase(1, "agent")] }, 1_000);
    again.beat({ phase: "repair", events: [phase(2, "repair")] }, 1_000);
    again.beat({ phase: "agent", events: [phase(3, "agent")] }, 1_000);
    expect(valuesOf(pointsIn(again), "working")).toHaveLength(1);
  });
});

describe("starts", () => {
  test("one that works out is measured to the first answer", ({ expect }) => {
    expect(valuesOf(pointsIn(runningRun()), "start")).toEqual([["ready", "", 900]]);
  });

  test("one that fails names its cause: refused, ended early, not ready in time", ({ expect }) => {
    const refused = new Run();
    refused.dispatch();
    refused.startFailed("no-capacity", 200);
    refused.tick(5_000);
    refused.started(100);
    refused.exited(1, 400);
    refused.started(100);
    for (let tick = 0; tick < 3; tick += 1) refused.tick(30_000);
    refused.dead(1_000);
    expect(valuesOf(pointsIn(refused), "start-failed")).toEqual([
      ["no-capacity", "", 200],
      ["exited", "", 400],
      ["not-ready", "", 91_000],
    ]);
  });

  test("a cancel of a job that starts is no failure of its start", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.cancel(100);
    run.dead(100);
    expect(run.job.status).toBe("cancelled");
    expect(valuesOf(pointsIn(run), "start-failed")).toEqual([]);
  });
});

describe("waiting", () => {
  test("names what was waited for, and how long", ({ expect }) => {
    const run = new Run();
    run.grants = false;
    run.dispatch();
    run.give({ kind: "slot", answer: { kind: "granted" } }, 7_000);
    expect(valuesOf(pointsIn(run), "queue-wait")).toEqual([["slot", "", 7_000]]);
    const refused = new Run();
    refused.dispatch();
    refused.startFailed("rate-limited", 200);
    refused.tick(5_000);
    expect(valuesOf(pointsIn(refused), "queue-wait")).toContainEqual(["refused", "", 5_000]);
  });

  test("a job behind another waits for its predecessor", ({ expect }) => {
    const run = runningRun({ jobId: "run_1-first" });
    run.dispatch({}, 1_000);
    run.beat({ jobId: "run_1-first", terminal: DONE }, 9_000);
    expect(valuesOf(pointsIn(run), "queue-wait").at(-1)).toEqual(["predecessor", "", 9_000]);
  });
});

describe("losses", () => {
  const run = eventfulRun();
  const points = pointsIn(run);

  test("are measured from the last sign of life to the verdict, with what they cost", ({ expect }) => {
    expect(valuesOf(points, "detection")).toEqual([["platform-stop", "recover", 8_000]]);
    expect(valuesOf(points, "recovery")).toEqual([["transient", "platform-stop", 1]]);
    expect(valuesOf(points, "wasted-seconds")).toEqual([["platform-stop", "recover", 15.05]]);
    expect(valuesOf(points, "gap")).toEqual([["unknown", "", 0]]);
  });

  test("each container's time is counted when its death is proved, with who wanted it", ({ expect }) => {
    expect(valuesOf(points, "container-seconds")).toEqual([
      ["unasked", "platform-stop", 15.95],
      ["idle", "self-stopped", 123.25],
    ]);
    expect(run.it.containerMs).toBe((15.95 + 123.25) * 1_000);
  });

  test("a gap that is counted says how many", ({ expect }) => {
    const gappy = runningRun();
    gappy.beat({ events: [{ seq: 1, at: 0, kind: "gap", count: 12, reason: "outbox full" }] }, 100);
    expect(valuesOf(pointsIn(gappy), "gap")).toEqual([["counted", "", 12]]);
    const events = Array.from({ length: 300 }, (_, index) => ({
      seq: 2 + index,
      at: 0,
      kind: "gap" as const,
      count: index < 299 ? 2 : null,
      reason: "outbox full",
    }));
    gappy.beat({ events }, 100);
    expect(valuesOf(pointsIn(gappy), "gap").slice(1)).toEqual([
      ["counted", "", 598],
      ["unknown", "", 0],
    ]);
  });

  test("silence counts from the last beat, not from the question", ({ expect }) => {
    const silent = runningRun();
    silent.beat({}, 1_000);
    silent.tick(45_000);
    silent.answered({ kind: "unknown-job" }, 100);
    expect(valuesOf(pointsIn(silent), "detection")).toEqual([["silence", "report", 45_100]]);
  });
});

describe("ends", () => {
  test("an outcome is measured from the dispatch, once", ({ expect }) => {
    expect(valuesOf(pointsIn(eventfulRun()), "outcome")).toEqual([["done", "done", 78_900]]);
  });

  test("a cancel is measured from the request to the proof", ({ expect }) => {
    const run = runningRun();
    run.cancel(1_000);
    run.tick(10_000);
    run.tick(5_000);
    run.dead(700);
    expect(valuesOf(pointsIn(run), "stop")).toEqual([["cancel", "cancelled", 15_700]]);
    expect(valuesOf(pointsIn(run), "outcome")).toEqual([["cancelled", "cancelled", 17_750]]);
  });

  test("what is given twice is measured once", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 1_000);
    const before = pointsIn(run).length;
    run.beat({ terminal: DONE, attempt: 1 }, 1_000);
    run.accepted(JOB, 10);
    run.give({ kind: "dead", instance: "instance-none", proof: "none" });
    run.tick(1_000);
    expect(pointsIn(run)).toHaveLength(before);
  });
});

test("every metric of an execution comes of these histories", ({ expect }) => {
  const stopped = runningRun();
  stopped.cancel(1_000);
  stopped.dead(500);
  const failed = new Run();
  failed.dispatch();
  failed.startFailed("other", 100);
  const seen = new Set(
    [eventfulRun(), stopped, failed].flatMap((run) => pointsIn(run)).map(({ name }) => name),
  );
  // The others are Admission's, and that of refused beats: no turn comes of them.
  const elsewhere = /^(?:slots-|sweep-|orphan|beat-refused)/;
  expect(Object.keys(MetricNames).filter((name) => !elsewhere.test(name))).toEqual(
    expect.arrayContaining([...seen]),
  );
  expect(seen.size).toBe(Object.keys(MetricNames).filter((name) => !elsewhere.test(name)).length);
});
