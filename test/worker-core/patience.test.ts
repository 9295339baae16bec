import { describe, test } from "vitest";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { JOB, makePolicy } from "./build.ts";
import { Run, runningRun } from "./run.ts";

const MINUTE = 60_000;
/** Clients of the job protocol wait 70 minutes; a stop begun here ends before the 65th. */
const LATEST = 65 * MINUTE - 10_000 - 5_000 - 30_000;
const SECOND = "run_1-second";

function at(run: Run, name: string, jobId = JOB): number | null {
  return deadlines(run.it).find((each) => each.name === name && each.jobId === jobId)?.at ?? null;
}

/** Beats and ticks until a moment, so that nothing but time passes. */
function work(run: Run, untilMs: number): void {
  const end = run.now + untilMs;
  while (run.now < end && run.job.stop === null) {
    run.beat({ outputAgeMs: 0, toolAgeMs: 0 }, Math.min(30_000, end - run.now));
    run.tick();
  }
}

describe("on the job protocol, whatever a job waited for,", () => {
  const policy = makePolicy({ recovery: "heal" });

  test("waiting and work of all attempts together end in time for its caller", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy });
    const { acceptedAt } = run.job;
    run.startFailed("no-capacity", 100);
    run.tick(9 * MINUTE);
    run.started(100);
    run.ready(900);
    run.accepted(JOB, 50);
    work(run, 40 * MINUTE);
    run.exited(143, 100);
    run.tick(5_000);
    run.startFailed("no-capacity", 100);
    run.tick(9 * MINUTE);
    run.started(100);
    run.ready(900);
    run.accepted(JOB, 50);
    expect(at(run, "max-duration")).toBe(acceptedAt + LATEST);
    work(run, 30 * MINUTE);
    expect(run.now).toBeLessThanOrEqual(acceptedAt + LATEST + 30_000);
    expect(run.job.stop).toMatchObject({ kind: "deadline", cause: "max-duration" });
    expect(run.job.stop?.text).toContain("max duration");
  });

  test("a job behind one that may take longer fails by itself, and the other goes on", ({ expect }) => {
    const run = runningRun({ door: "native", policy: makePolicy({ maxDurationMs: 10 * 3_600_000 }) });
    run.dispatch({ jobId: SECOND, policy });
    const { acceptedAt } = run.jobOf(SECOND);
    expect(at(run, "queued", SECOND)).toBe(acceptedAt + LATEST);
    work(run, LATEST);
    expect(run.jobOf(SECOND)).toMatchObject({ status: "failed", end: { outcome: { code: "capacity" } } });
    expect(run.jobOf(SECOND).end?.error).toContain("behind another job");
    expect(run.job.status).toBe("running");
  });

  test("a stop whose container's death is not proved is given up in time for its caller", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ maxDurationMs: 10 * 3_600_000 }) });
    const { acceptedAt } = run.job;
    work(run, acceptedAt + LATEST - run.now);
    expect(run.job.stop).toMatchObject({ cause: "max-duration", at: acceptedAt + LATEST });
    while (run.job.end === null) run.tick((deadlines(run.it)[0]?.at ?? 0) - run.now);
    expect(run.now).toBe(acceptedAt + 65 * MINUTE);
    expect(run.job.end).toMatchObject({ outcome: { code: "stop-unproven" } });
    expect(run.job.end.error).toContain("within 45s; it is still being tried");
    expect(run.instance.intent).not.toBeNull();
    run.tick(15_000);
    expect(run.effects.at(-1)?.kind).toBe("destroy");
  });

  test("a cancel just before that is no death that cannot be proved: one destroy has its time", ({
    expect,
  }) => {
    const run = runningRun({ policy: makePolicy({ maxDurationMs: 10 * 3_600_000 }) });
    const { acceptedAt } = run.job;
    work(run, acceptedAt + LATEST - run.now - 1_000);
    run.now = acceptedAt + 65 * MINUTE - 10_000;
    run.cancel();
    run.tick(10_000);
    run.tick(5_000);
    expect(run.effects.at(-1)?.kind).toBe("destroy");
    expect(run.job).toMatchObject({ status: "stopping", end: null });
    run.dead(14_000);
    expect(run.job).toMatchObject({ status: "cancelled", end: { outcome: { code: "cancelled" } } });
  });

  test("one of the native API waits its twenty minutes for that proof", ({ expect }) => {
    const run = runningRun({ door: "native", policy: makePolicy({ maxDurationMs: 60 * MINUTE }) });
    work(run, 70 * MINUTE);
    const since = run.job.stop?.at ?? 0;
    while (run.job.end === null) run.tick((deadlines(run.it)[0]?.at ?? 0) - run.now);
    expect(run.now).toBe(since + 20 * MINUTE);
  });

  test("one of the native API has no such bound", ({ expect }) => {
    const run = runningRun({ door: "native", policy: makePolicy({ maxDurationMs: 10 * 3_600_000 }) });
    run.dispatch({ jobId: SECOND, door: "native" });
    expect(at(run, "max-duration")).toBe(run.job.workSince === null ? null : run.job.workSince + 36_000_000);
    expect(at(run, "queued", SECOND)).toBeNull();
  });
});

describe("the wait for room", () => {
  test("of a job behind another begins when that one has failed for want of it", ({ expect }) => {
    const run = new Run();
    run.grants = false;
    run.dispatch();
    run.dispatch({ jobId: SECOND }, 1_000);
    run.tick(10 * MINUTE);
    expect(run.job).toMatchObject({ status: "failed", end: { outcome: { code: "capacity" } } });
    expect(run.jobOf(SECOND).status).toBe("queued");
    expect(at(run, "queued", SECOND)).toBe(run.now + 10 * MINUTE);
  });

  test("begins anew once the container before is proved dead", ({ expect }) => {
    const run = runningRun();
    run.dispatch({ jobId: SECOND });
    work(run, 20 * MINUTE);
    // Eight starts within the hour: the next one waits.
    run.state = { ...run.it, starts: Array.from({ length: 8 }, () => run.now) };
    run.cancel(100);
    run.exited(143, 100);
    run.tick(1_000);
    expect(run.jobOf(SECOND)).toMatchObject({ status: "queued", notes: [{ code: "start-cap" }] });
  });

  test("of the first is not prolonged by the end of one behind it", ({ expect }) => {
    const run = new Run();
    run.grants = false;
    run.dispatch();
    const { queuedSince } = run.job;
    run.dispatch({ jobId: SECOND }, MINUTE);
    run.cancel(MINUTE, SECOND);
    expect(run.job.queuedSince).toBe(queuedSince);
  });
});
