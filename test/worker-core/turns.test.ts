import { describe, test } from "vitest";
import { Limits } from "../../shared/limits.ts";
import { DONE, JOB, makeBeat, makeOutput, makePolicy } from "./build.ts";
import { deadlines, deadlinesFor } from "../../worker/execution/deadlines.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";
import { kindsOf, Run, runningRun } from "./run.ts";

const SECOND = "run_1-second";

function namesOf(state: ExecutionState): readonly string[] {
  return deadlines(state).map(({ name }) => name);
}

describe("two jobs of one execution", () => {
  test("take turns in one container: the second is handed over when the first has ended", ({ expect }) => {
    const run = runningRun();
    run.dispatch({ jobId: SECOND }, 100);
    expect(run.jobOf(SECOND)).toMatchObject({ status: "queued", attempt: 0, current: null });
    const { id } = run.instance;
    const { effects } = run.beat({ terminal: DONE }, 1_000);
    expect(effects).toStrictEqual([{ kind: "post", instance: id, jobId: SECOND, attempt: 1 }]);
    expect(run.jobOf(SECOND)).toMatchObject({ status: "starting", current: { instance: id, ack: 0 } });
    run.accepted(SECOND, 100);
    run.beat({ jobId: SECOND, terminal: DONE }, 100);
    expect(run.it.jobs.map(({ status }) => status)).toStrictEqual(["done", "done"]);
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
  });

  test("go in the order of their dispatch, whatever the order of later dispatches of the same", ({
    expect,
  }) => {
    const run = runningRun();
    for (const jobId of ["run_1-b", "run_1-c", "run_1-b", JOB]) run.dispatch({ jobId }, 10);
    expect(run.it.jobs.map(({ jobId }) => jobId)).toStrictEqual([JOB, "run_1-b", "run_1-c"]);
  });

  test("of different size need a new container, which starts when the death of the old is proved", ({
    expect,
  }) => {
    const run = runningRun();
    run.dispatch({ jobId: SECOND, size: "standard-2" }, 100);
    const { id } = run.instance;
    expect(kindsOf(run.beat({ terminal: DONE }, 100).effects)).toStrictEqual(["destroy"]);
    expect(run.instance).toMatchObject({ id, intent: { cause: "replaced" } });
    expect(run.jobOf(SECOND).status).toBe("queued");
    run.dead(300);
    expect(run.instance).toMatchObject({ size: "standard-2", phase: "written" });
    expect(run.instance.id).not.toBe(id);
  });

  test("the second starts afresh when the first took its container with it", ({ expect }) => {
    const run = runningRun();
    run.dispatch({ jobId: SECOND }, 100);
    run.exited(137, 100);
    expect(run.jobOf(SECOND).status).toBe("queued");
    run.tick(5_000);
    expect(run.job.status).toBe("evicted");
    expect(run.jobOf(SECOND).status).toBe("starting");
    expect(run.instance.phase).toBe("written");
  });

  test("a late beat of the first, on the container of the second, gets its cursor and changes nothing", ({
    expect,
  }) => {
    const run = runningRun();
    run.dispatch({ jobId: SECOND });
    run.beat({ events: [makeOutput(1)], terminal: DONE });
    const { before, state, reply } = run.beat({ events: [makeOutput(1)], terminal: DONE });
    expect(reply).toMatchObject({ kind: "beat", reply: { ack: 1, directives: [] } });
    expect(state).toBe(before);
  });

  test("a late beat of the first is answered also while its next round waits behind the second", ({
    expect,
  }) => {
    const run = runningRun();
    const { instance } = run;
    run.dispatch({ jobId: SECOND });
    run.beat({ events: [makeOutput(1)], terminal: DONE });
    run.take();
    run.dispatch();
    expect(run.job).toMatchObject({ status: "queued", round: 2 });
    const beat = makeBeat({ instance: instance.id, events: [makeOutput(1)], terminal: DONE });
    const { reply, before, state } = run.give({ kind: "beat", beat });
    expect(reply).toMatchObject({ kind: "beat", reply: { ack: 1 } });
    expect(state).toBe(before);
  });

  test("at most two hundred jobs are held; the next is refused and nothing changes", ({ expect }) => {
    const run = new Run();
    for (let each = 0; each < Limits.jobsPerExecution; each += 1) run.dispatch({ jobId: `job-${each}` });
    const { before, state, reply, effects, events } = run.dispatch({ jobId: "one-more" });
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "execution-full" } });
    expect(state).toBe(before);
    expect([effects, events]).toStrictEqual([[], []]);
  });
});

describe("an idle container", () => {
  test("is destroyed sixty seconds after the last job ended", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    expect(kindsOf(run.tick(30_000).effects)).toStrictEqual(["keep-alive", "renew-slot"]);
    expect(kindsOf(run.tick(29_999).effects)).not.toContain("destroy");
    expect(kindsOf(run.tick(1).effects)).toContain("destroy");
    run.dead(200);
    expect(run.it).toMatchObject({
      instance: null,
      lastInstance: { exit: { code: null, cause: "self-stopped" } },
    });
  });

  test("in which a preview stands lives as long as the preview, and says so", ({ expect }) => {
    const preview = { url: "http://localhost:4173" };
    const run = runningRun({ policy: makePolicy({ idleMs: 1_000, previewMs: 100_000 }) });
    run.beat({ terminal: { state: "done", result: { preview } } }, 100);
    expect(namesOf(run.it)).toStrictEqual(["tick", "preview"]);
    expect(kindsOf(run.tick(99_999).effects)).not.toContain("destroy");
    expect(kindsOf(run.tick(1).effects)).toContain("destroy");
    expect(run.instance.intent).toMatchObject({ cause: "idle", text: "the preview's time is over" });
  });

  test("outlives its preview's time while a job needs it, and no preview that failed keeps one", ({
    expect,
  }) => {
    const preview = { url: "http://localhost:4173" };
    const run = runningRun({ policy: makePolicy({ idleMs: 1_000, previewMs: 5_000 }) });
    run.beat({ terminal: { state: "done", result: { preview } } }, 100);
    run.dispatch({ jobId: SECOND }, 100);
    expect(namesOf(run.it)).not.toContain("preview");
    const failed = runningRun({ policy: makePolicy({ idleMs: 1_000 }) });
    failed.beat({ terminal: { state: "done", result: { preview, error: "it did not come up" } } }, 100);
    expect(namesOf(failed.it)).toStrictEqual(["idle", "tick"]);
  });

  test("in which a preview stands is kept from a job that needs another size until the preview ends", ({
    expect,
  }) => {
    const preview = { url: "http://localhost:4173" };
    const run = runningRun({ policy: makePolicy({ previewMs: 100_000 }) });
    run.beat({ terminal: { state: "done", result: { preview } } }, 100);
    run.dispatch({ jobId: SECOND, size: "standard-4" }, 100);
    expect(run.jobOf(SECOND)).toMatchObject({ status: "queued", phase: "waiting for a preview to end" });
    expect(run.instance.intent).toBeNull();
    const shown = deadlinesFor(run.it, run.jobOf(SECOND)).map(({ name }) => name);
    expect(shown).toStrictEqual(["tick", "preview", "queued"]);
    run.tick(100_000);
    expect(run.instance.intent?.cause).toBe("idle");
    run.dead(100);
    expect(run.jobOf(SECOND).status).toBe("starting");
    expect(run.instance.size).toBe("standard-4");
  });

  test("in which a preview stands is released at once", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: { state: "done", result: { preview: { url: "http://localhost:1" } } } }, 100);
    expect(kindsOf(run.release(100).effects)).toStrictEqual(["destroy"]);
  });

  test("is taken by a job that comes in time", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.dispatch({ jobId: SECOND }, 59_000);
    expect(kindsOf(run.tick(1_000).effects)).not.toContain("destroy");
    expect(run.jobOf(SECOND)).toMatchObject({ status: "starting", current: { instance: run.instance.id } });
    expect(run.it.idleSince).toBeNull();
  });

  test("that is already on its way out takes no more jobs: the next waits for the proof", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ idleMs: 1_000 }) });
    run.beat({ terminal: DONE }, 100);
    run.tick(1_000);
    run.dispatch({ jobId: SECOND }, 10);
    expect(run.jobOf(SECOND).status).toBe("queued");
    run.dead(100);
    expect(run.effects.at(-1)).toStrictEqual({ kind: "start", instance: run.instance.id });
  });

  test("that lives is looked after every thirty seconds", ({ expect }) => {
    const run = runningRun();
    run.tick(30_000 - (run.now - run.instance.lastTickAt));
    expect(run.effects.at(-2)).toStrictEqual({ kind: "keep-alive", instance: run.instance.id });
    expect(run.instance.lastTickAt).toBe(run.now);
  });
});

describe("retention", () => {
  test("asks once per alarm that everything be forgotten, a week after the last end", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    const ended = run.now;
    run.exited(0, 1_000);
    const week = 7 * 24 * 3_600_000;
    expect(run.tick(ended + week - run.now - 1).effects).toStrictEqual([]);
    const { effects, before, state } = run.tick(1);
    expect(effects).toStrictEqual([{ kind: "forget" }]);
    expect(state).toBe(before);
  });

  test("does not begin while a job waits", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.exited(0, 1_000);
    run.dispatch({ jobId: SECOND }, 1_000);
    run.startFailed("no-capacity", 10);
    expect(kindsOf(run.tick(8 * 24 * 3_600_000).effects)).not.toContain("forget");
  });
});
