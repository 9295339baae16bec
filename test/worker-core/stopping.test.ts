import { describe, test } from "vitest";
import { STOP_GRACE_MAX_MS } from "../../shared/harness-wire.ts";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { DONE, FAILED, JOB, makeNote, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";
import { situations } from "./situations.ts";

const short = makePolicy({ maxDurationMs: 600_000, toolSilenceMs: 600_000, inactivityMs: 600_000 });

describe("a cancel", () => {
  test("of a waiting job ends it at once, and nothing starts for it", ({ expect }) => {
    const run = situations["queued for capacity"].make();
    run.cancel(100);
    expect(run.job).toMatchObject({ status: "cancelled", end: { error: "cancelled: not wanted" } });
    expect(run.tick(60_000).effects).toStrictEqual([]);
  });

  test("of a job behind another leaves the other alone", ({ expect }) => {
    const run = situations["queued behind another"].make();
    const first = run.jobOf("run_1-first");
    const { effects } = run.cancel(100);
    expect(run.job.status).toBe("cancelled");
    expect(run.jobOf("run_1-first")).toBe(first);
    expect(effects).toStrictEqual([]);
  });

  test("of a starting job goes straight to destroy and ends with the proof of death", ({ expect }) => {
    const run = situations["starting, probed"].make();
    expect(kindsOf(run.cancel(100).effects)).toStrictEqual(["destroy"]);
    expect(run.job).toMatchObject({ status: "stopping", stop: { stage: "destroy" } });
    run.dead(300);
    expect(run.job).toMatchObject({
      status: "cancelled",
      end: { exit: { code: null, cause: "self-stopped" } },
    });
  });

  test("before start() was called withdraws the start by its mark on the instance", ({ expect }) => {
    const run = situations["starting, start() not yet called"].make();
    run.cancel(100);
    expect(run.instance).toMatchObject({ phase: "written", intent: { cause: "cancel" } });
    run.dead(10);
    expect(run.job.status).toBe("cancelled");
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
  });

  test("gives the harness no longer than it takes, whatever the policy waits", ({ expect }) => {
    const run = runningRun({ door: "native", policy: makePolicy({ stopGraceMs: 20 * 60_000 }) });
    expect(run.cancel(100).effects).toMatchObject([{ kind: "tell-stop", graceMs: STOP_GRACE_MAX_MS }]);
    expect(run.beat({}, 100).reply).toMatchObject({
      reply: { directives: [{ kind: "stop", graceMs: STOP_GRACE_MAX_MS }] },
    });
    run.tick(STOP_GRACE_MAX_MS + 60_000);
    expect(run.job.stop?.stage).toBe("cooperative");
  });

  test("of a running job asks, signals and destroys in turn, each step with its evidence", ({ expect }) => {
    const run = runningRun();
    expect(run.cancel(100).effects).toStrictEqual([
      { kind: "tell-stop", instance: run.instance.id, jobId: JOB, cause: "cancelled", graceMs: 10_000 },
    ]);
    run.give({ kind: "stop-told", instance: run.instance.id, jobId: JOB, ok: false, text: "timeout" }, 100);
    expect(run.tick(9_899).effects).toStrictEqual([]);
    expect(run.instance.intent).toBeNull();
    expect(run.tick(1).effects).toStrictEqual([{ kind: "signal", instance: run.instance.id, signo: 15 }]);
    expect(run.instance.intent).toMatchObject({ cause: "cancel" });
    run.give({
      kind: "signalled",
      instance: run.instance.id,
      signo: 15,
      ok: true,
      text: "signal 15 was sent",
    });
    expect(kindsOf(run.tick(5_000).effects)).toStrictEqual(["destroy"]);
    run.unproved(100);
    run.exited(137, 100);
    expect(run.job).toMatchObject({
      status: "cancelled",
      end: { evicted: null, exit: { code: 137, cause: "self-stopped" } },
    });
    expect(run.job.end?.outcome.evidence.map(({ code }) => code)).toStrictEqual([
      "stop-requested",
      "stop-not-delivered",
      "sigterm",
      "signal-15-sent",
      "destroy",
      "destroy-requested",
      "death-not-proved",
      "dead",
    ]);
  });

  test("is repeated in the reply to every beat until the job has ended", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    const stop = { kind: "stop", cause: "cancelled", graceMs: 10_000 };
    expect(run.beat({}, 100).reply).toMatchObject({ reply: { directives: [stop] } });
    expect(run.beat({}, 100).reply).toMatchObject({ reply: { directives: [stop] } });
  });

  test("twice is one cancel", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    const { before, state, effects, events } = run.cancel(100);
    expect(state).toBe(before);
    expect([effects, events]).toStrictEqual([[], []]);
  });

  test("of an ended job, or of one never seen, changes nothing", ({ expect }) => {
    const run = situations["done, its container idle"].make();
    for (const jobId of [JOB, "never-seen"]) {
      const { before, state, effects, events } = run.cancel(100, jobId);
      expect(state).toBe(before);
      expect([effects, events]).toStrictEqual([[], []]);
    }
  });

  test("stored after the end was stored loses", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.cancel(0);
    expect(run.job).toMatchObject({ status: "done", stop: null });
  });

  test("stored before the end wins, keeps the result as evidence and goes on to SIGTERM", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    const { effects } = run.beat({ terminal: DONE }, 0);
    expect(effects).toStrictEqual([{ kind: "signal", instance: run.instance.id, signo: 15 }]);
    expect(run.job).toMatchObject({ status: "stopping", stop: { late: { state: "done" } } });
    expect(run.results).toStrictEqual([{ jobId: JOB, round: 1, result: DONE.result }]);
    run.exited(143, 100);
    expect(run.job).toMatchObject({ status: "cancelled", end: { outcome: { code: "cancelled" } } });
  });

  test("the same last beat twice moves a stop on once", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    run.beat({ terminal: DONE }, 100);
    const { stop } = run.job;
    const second = run.beat({ terminal: DONE }, 100);
    expect(run.job.stop).toStrictEqual(stop);
    expect([second.effects, second.results, second.events]).toStrictEqual([[], [], []]);
  });

  test("takes over from a deadline that is stopping the job", ({ expect }) => {
    const run = pastMaxDuration();
    run.cancel(100);
    expect(run.beat({}, 10).reply).toMatchObject({ reply: { directives: [{ cause: "cancelled" }] } });
    run.beat({ terminal: FAILED }, 100);
    run.exited(143, 100);
    expect(run.job.end).toMatchObject({ outcome: { code: "cancelled" }, error: "cancelled: not wanted" });
  });

  test("after an exit was seen is judged with it, and ends cancelled", ({ expect }) => {
    const run = situations["running, its exit seen"].make();
    run.cancel(100);
    run.tick(5_000);
    expect(run.job).toMatchObject({ status: "cancelled", end: { exit: { code: 1 } } });
  });
});

describe("a deadline", () => {
  test("of a step stops the job and names the step", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ cloneMs: 20_000 }) });
    run.beat({ phase: "clone" }, 100);
    const { effects } = run.tick(20_000);
    expect(effects).toMatchObject([{ kind: "tell-stop", cause: "step-clone" }]);
    expect(run.job.status).toBe("stopping");
    run.beat({ terminal: { state: "failed", error: "stopped", detail: "hung in git fetch" } }, 500);
    expect(run.job.end).toMatchObject({ detail: "hung in git fetch", outcome: { code: "step-timeout" } });
    expect(run.job.end?.error).toBe("Aborted: the clone step timed out after 20s");
  });

  test("of max-duration stops the job, whose own end then is the verdict's detail", ({ expect }) => {
    const run = pastMaxDuration();
    run.beat({ terminal: { state: "failed", error: "stopped", detail: "hung in agent phase" } }, 500);
    expect(run.job).toMatchObject({
      status: "failed",
      end: { failureCause: "max-duration", detail: "hung in agent phase" },
    });
    expect(run.job.end?.error).toBe("Aborted: exceeded max duration of 600s");
    expect(run.instance.intent).toBeNull();
  });

  test("loses to work that was done all the same", ({ expect }) => {
    const run = pastMaxDuration();
    run.beat({ terminal: DONE }, 500);
    expect(run.job).toMatchObject({ status: "done", end: { outcome: { code: "done" } } });
  });

  test("nobody listens to goes the whole way and ends with the exit, five seconds later", ({ expect }) => {
    const run = pastMaxDuration();
    run.tick(10_000);
    run.tick(5_000);
    run.dead(100);
    expect(run.job.status).toBe("stopping");
    run.tick(5_000);
    expect(run.job.end).toMatchObject({ outcome: { code: "max-duration" }, exit: { cause: "self-stopped" } });
    expect(run.job.end?.detail).toBe("Stopped by the max-duration deadline in phase agent.");
  });

  test("of max-duration is announced five minutes before, once", ({ expect }) => {
    const run = runningRun();
    const beat = (): void => void run.beat({ outputAgeMs: 0, toolAgeMs: 0 }, 30_000);
    while (run.now < (run.job.workSince ?? 0) + 56 * 60_000) {
      beat();
      run.tick();
    }
    expect(run.job.notes.map(({ code }) => code)).toStrictEqual(["max-duration-near"]);
    expect(run.job.status).toBe("running");
  });

  const watched = [
    { name: "inactivity", noticeMs: 300_000, unless: /shows activity/ },
    { name: "tool-silence", noticeMs: 300_000, unless: /finishes a tool call/ },
    { name: "step", noticeMs: 150_000, unless: /may take 300 s/ },
  ] as const;
  for (const { name, noticeMs, unless } of watched) {
    test(`of ${name} is announced before it stops anything, once as long as it does not move`, ({
      expect,
    }) => {
      const run = runningRun();
      const phase = name === "step" ? "push" : "agent";
      run.beat({ phase, outputAgeMs: 0 }, 1_000);
      const near = (): readonly string[] =>
        run.job.notes.filter(({ code }) => code === `${name}-near`).map(({ text }) => text);
      const stopAt = (): number =>
        deadlines(run.it).find((each) => each.name === name)?.at ?? Number.POSITIVE_INFINITY;
      const outputAgeMs = name === "tool-silence" ? 0 : null;
      const work = (ms: number): void => {
        run.beat({ phase, outputAgeMs }, ms);
        run.tick();
      };
      while (run.now < stopAt() - noticeMs - 1) work(Math.min(10_000, stopAt() - noticeMs - 1 - run.now));
      expect(near()).toStrictEqual([]);
      work(1);
      expect(near()).toStrictEqual([expect.stringMatching(unless)]);
      expect(near()[0]).toContain(`in ${noticeMs / 1_000}s the ${name} deadline passes`);
      while (run.job.stop === null) work(10_000);
      expect(near()).toHaveLength(1);
      expect(run.job.stop.evidence.map(({ code }) => code)).toContain("observed");
    });
  }

  test("that has passed already is acted on and not announced", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ maxDurationMs: 60_000, inactivityMs: 60_000 }) });
    run.beat({}, 25_000);
    run.tick(60_000);
    expect(run.job.stop?.cause).toBe("max-duration");
    expect(run.job.notes.map(({ code }) => code)).not.toContain("max-duration-near");
  });

  test("of max-duration in a start that never ends stops that too", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ maxDurationMs: 60_000, startingMs: 60_000 }) });
    run.started(100);
    run.tick(59_900);
    run.tick(100);
    expect(kindsOf(run.effects)).toContain("destroy");
    run.dead(100);
    run.tick(5_000);
    expect(run.job.end?.outcome.code).toBe("max-duration");
  });
});

function pastMaxDuration(): Run {
  const run = runningRun({ policy: short });
  while (run.job.stop === null) {
    run.beat({}, 20_000);
    run.tick();
  }
  return run;
}

describe("an end that the harness did not tell of leaves a gap of unknown size", () => {
  const gaps = (run: Run): readonly unknown[] => run.job.gaps.map(({ count }) => count);

  test("where a stop ends with the death of the container", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    run.dead(300);
    expect(run.job.status).toBe("cancelled");
    expect(gaps(run)).toStrictEqual([null]);
    expect(run.events.map(({ kind }) => kind)).toContain("gap");
  });

  test("where the harness has announced its own end", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeNote(1, "shutting-down")] }, 100);
    run.exited(0, 100);
    run.tick(5_000);
    expect(run.job.end?.outcome.code).toBe("harness-shutdown");
    expect(gaps(run)).toStrictEqual([null]);
  });

  test("and none where its last beat brought everything, or where no harness had the job", ({ expect }) => {
    const told = runningRun();
    told.cancel(100);
    told.beat({ terminal: FAILED }, 100);
    told.dead(300);
    expect(gaps(told)).toStrictEqual([]);
    const starting = situations["starting, probed"].make();
    starting.cancel(100);
    starting.dead(300);
    expect(gaps(starting)).toStrictEqual([]);
  });
});
