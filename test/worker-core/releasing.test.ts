import { describe, test } from "vitest";
import { RELEASED_GRACE_MS } from "../../worker/execution/deadlines.ts";
import { carriesEnd } from "../../worker/execution/lifecycle/delivery.ts";
import { toJobView } from "../../worker/execution/view.ts";
import { DONE, JOB } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";
import { situations } from "./situations.ts";
import { extras } from "./extras.ts";

describe("a release", () => {
  test("stops what runs as a cancel does and ends it as released", ({ expect }) => {
    const run = runningRun();
    expect(run.release(100).effects).toMatchObject([{ kind: "tell-stop", cause: "released" }]);
    run.tick(10_000);
    run.exited(143, 100);
    expect(run.job).toMatchObject({
      status: "cancelled",
      end: { outcome: { code: "released" }, evicted: null },
    });
  });

  test("ends every waiting job at once and destroys a container no job needs", ({ expect }) => {
    const run = situations["queued behind another"].make();
    run.release(100);
    expect(run.job.status).toBe("cancelled");
    expect(run.jobOf("run_1-first").status).toBe("stopping");
    const idle = situations["done, its container idle"].make();
    expect(kindsOf(idle.release(100).effects)).toStrictEqual(["destroy"]);
    expect(idle.instance.intent?.cause).toBe("release");
    expect(idle.job.status).toBe("done");
  });

  test("of nothing writes nothing", ({ expect }) => {
    const run = new Run();
    const { state, effects, events } = run.release();
    expect([state, effects, events]).toStrictEqual([null, [], []]);
  });

  test("twice is one release, and its ninety seconds count from the first", ({ expect }) => {
    const run = runningRun();
    run.release(100);
    const { before, state, events } = run.release(30_000);
    expect(events).toStrictEqual([]);
    expect(state).toBe(before);
  });

  test("of a job that was cancelled leaves it cancelled", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    run.release(100);
    run.exited(143, 100);
    expect(run.job).toMatchObject({
      status: "cancelled",
      releasedAt: null,
      end: { outcome: { code: "cancelled" } },
    });
    expect(toJobView(run.it, run.job, run.now, extras).error).toBe("cancelled: not wanted");
  });

  test("lets no dispatch be taken for the round that ends: it is refused, to be sent again, and changes nothing", ({
    expect,
  }) => {
    const run = runningRun();
    run.release(100);
    const { before, state, reply } = run.dispatch({}, 100);
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "being-released" } });
    expect(state).toBe(before);
  });

  test("takes over from a deadline that is stopping the job", ({ expect }) => {
    const run = runningRun();
    run.beat({ phase: "clone" }, 100);
    for (let each = 0; run.job.stop === null && each < 100; each += 1) {
      run.beat({ phase: "clone" }, 30_000);
      run.tick();
    }
    expect(run.job.stop?.kind).toBe("deadline");
    run.release(100);
    run.exited(143, 100);
    expect(run.job.end?.outcome.code).toBe("released");
  });
});

describe("a released job of the job protocol", () => {
  test("reads as stopping for ninety seconds, then as a crash, which its clients resume on", ({ expect }) => {
    const run = released("job");
    const since = run.job.releasedAt ?? 0;
    const during = toJobView(run.it, run.job, since + RELEASED_GRACE_MS - 1, extras);
    expect(during).toMatchObject({ state: "running", status: "stopping", phase: "stopping", outcome: null });
    expect(during.error).toBeUndefined();
    const after = toJobView(run.it, run.job, since + RELEASED_GRACE_MS, extras);
    expect(after).toMatchObject({ state: "failed", status: "evicted", phase: "failed", evicted: "crash" });
    expect(after.error).toMatch(/\(container evicted or crashed\)$/);
    expect(after.error).not.toContain("transient");
  });

  test("is not delivered while it reads as stopping, and is by the first read after", ({ expect }) => {
    const run = released("job");
    run.take(1_000);
    expect([carriesEnd(run.job, run.now), run.job.delivered]).toStrictEqual([false, false]);
    run.take(RELEASED_GRACE_MS);
    expect(run.job.delivered).toBe(true);
  });

  test("changes its revision when the ninety seconds are over, so that a waiting reader hears of it", ({
    expect,
  }) => {
    const run = released("job");
    const { revision } = run.job;
    run.tick((run.job.releasedAt ?? 0) + RELEASED_GRACE_MS - run.now);
    expect(run.job.revision).toBeGreaterThan(revision);
    expect(run.job.status).toBe("cancelled");
  });

  test("starts afresh at a dispatch, also within the ninety seconds", ({ expect }) => {
    const run = released("job");
    const { effects, reply } = run.dispatch({}, 1_000);
    expect(reply).toMatchObject({ kind: "dispatched", fresh: true });
    expect(kindsOf(effects)).toStrictEqual(["start"]);
    expect(run.job).toMatchObject({ round: 2, attempt: 1, releasedAt: null, end: null });
  });
});

describe("a released job of the native API", () => {
  test("reads as cancelled at once, for the reason of the release", ({ expect }) => {
    const run = released("native");
    const view = toJobView(run.it, run.job, run.now, { ...extras, door: "native" });
    expect(view).toMatchObject({ state: "failed", status: "cancelled", error: "released: all done" });
    expect(view.outcome?.code).toBe("released");
    expect(view.evicted).toBeUndefined();
  });

  test("starts afresh without being asked for again", ({ expect }) => {
    const run = released("native");
    const { reply } = run.dispatch({ door: "native" }, 1_000);
    expect(reply).toMatchObject({ kind: "dispatched", fresh: true });
    expect(run.job.round).toBe(2);
  });
});

describe("a job that ended before a release", () => {
  test("keeps its end and reads as it did", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    const { end } = run.job;
    run.release(100);
    expect(run.job.end).toBe(end);
    expect(viewOf(run)).toMatchObject({ status: "done", state: "done" });
    expect(carriesEnd(run.job, run.now)).toBe(true);
  });

  for (const door of ["job", "native"] as const) {
    test(`starts a new round at the next dispatch (${door}), read or not, in a fresh container`, ({
      expect,
    }) => {
      const run = runningRun({ door });
      run.beat({ terminal: DONE }, 100);
      run.release(100);
      expect(run.dispatch({ door }, 100).reply).toMatchObject({ kind: "dispatched", fresh: true });
      expect(run.jobOf(JOB)).toMatchObject({ round: 2, status: "queued", releasedAt: null });
      const { id } = run.instance;
      run.dead(100);
      expect(run.job.status).toBe("starting");
      expect(run.instance.id).not.toBe(id);
    });
  }
});

function viewOf(run: Run): ReturnType<typeof toJobView> {
  return toJobView(run.it, run.job, run.now, extras);
}

function released(door: "job" | "native"): Run {
  const run = runningRun({ door });
  run.release(100);
  run.exited(143, 100);
  return run;
}
