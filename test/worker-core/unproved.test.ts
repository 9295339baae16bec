import { describe, test } from "vitest";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { DONE, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";
import { situations } from "./situations.ts";

describe("a death that is not proved", () => {
  test("is tried again every fifteen seconds and said on the card", ({ expect }) => {
    const run = destroying();
    run.unproved(1_000);
    expect(run.job.notes.at(-1)).toMatchObject({ code: "death-not-proved", text: "no proof" });
    for (let tries = 0; tries < 3; tries += 1) {
      expect(kindsOf(run.tick(14_999).effects)).not.toContain("destroy");
      expect(kindsOf(run.tick(1).effects)).toContain("destroy");
    }
    expect(run.job.status).toBe("stopping");
  });

  test("is said once, so that what was seen before it stays", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ maxDurationMs: 600_000 }) });
    while (run.job.stop === null) {
      run.beat({ outputAgeMs: 0 }, 20_000);
      run.tick();
    }
    run.tick(10_000);
    run.tick(5_000);
    while (run.job.end === null) {
      run.unproved(100);
      run.tick(15_000);
    }
    const said = run.job.notes.filter(({ code }) => code === "death-not-proved");
    expect(said).toHaveLength(1);
    const { evidence, code } = run.job.end.outcome;
    expect(code).toBe("stop-unproven");
    expect(evidence.slice(0, 2).map((each) => each.code)).toStrictEqual(["stop-requested", "observed"]);
  });

  test("is said to whoever waits for it: a start that is given up, a recovery, a job behind an idle container", ({
    expect,
  }) => {
    const starting = new Run();
    starting.dispatch();
    starting.started(100);
    for (let tick = 0; tick < 3; tick += 1) starting.tick(30_000);
    const recovering = situations["recovering, its container not proved dead"].make();
    const behind = runningRun();
    behind.beat({ terminal: DONE }, 100);
    behind.tick(makePolicy().idleMs);
    behind.dispatch({ jobId: "run_1-next" });
    for (const [run, status] of [
      [starting, "starting"],
      [recovering, "recovering"],
      [behind, "queued"],
    ] as const) {
      const { jobs } = run.unproved(1_000).state ?? { jobs: [] };
      const job = jobs.at(-1);
      expect(job).toMatchObject({ status, end: null });
      expect(job?.notes.at(-1)).toMatchObject({ code: "death-not-proved", text: "no proof" });
    }
  });

  test("is waited for by the next job no longer than a container is", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.tick(makePolicy().idleMs);
    run.dispatch({ jobId: "run_1-next", door: "native" }, 60_000);
    const queued = deadlines(run.it).find(({ name }) => name === "queued");
    expect(queued).toMatchObject({ at: run.now + makePolicy().queuedMs, jobId: "run_1-next" });
    run.unproved(1_000);
    run.tick(makePolicy().queuedMs);
    expect(run.jobOf("run_1-next").end).toMatchObject({
      outcome: { code: "capacity" },
      error: expect.stringContaining("the container before is not proved dead"),
    });
    expect(kindsOf(run.tick(15_000).effects)).toContain("destroy");
  });

  test("has the time of one destroy, however short a job may wait", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.tick(makePolicy().idleMs);
    run.dispatch({ jobId: "run_1-next", policy: makePolicy({ queuedMs: 100 }) }, 60_000);
    run.tick(14_999);
    expect(run.jobOf("run_1-next").status).toBe("queued");
    run.tick(1);
    expect(run.jobOf("run_1-next").end).toMatchObject({
      outcome: { code: "capacity" },
      error: expect.stringMatching(/^no container became available within 15s: /),
    });
  });

  test("is waited for from when the container is to end, however long the job waited before", ({
    expect,
  }) => {
    const run = runningRun();
    run.beat({ terminal: { state: "done", result: { preview: { url: "http://preview.example" } } } }, 100);
    run.dispatch({ jobId: "run_1-ui", image: "ui", door: "native" });
    run.tick(makePolicy().previewMs);
    expect(run.instance.intent).not.toBeNull();
    expect(run.jobOf("run_1-ui").status).toBe("queued");
    const queued = deadlines(run.it).find(({ name }) => name === "queued");
    expect(queued?.at).toBe(run.now + makePolicy().queuedMs);
  });

  test("for twenty minutes fails the job as unproven, and the destroy goes on being tried", ({ expect }) => {
    const run = destroying();
    const since = run.job.stop?.at ?? 0;
    while (run.job.end === null) run.tick(15_000);
    expect(run.now - since).toBeGreaterThanOrEqual(20 * 60_000);
    expect(run.now - since).toBeLessThan(20 * 60_000 + 30_000);
    expect(run.job).toMatchObject({
      status: "failed",
      end: { outcome: { code: "stop-unproven", retryable: false } },
    });
    expect(kindsOf(run.tick(15_000).effects)).toContain("destroy");
  });

  test("keeps everything new of the execution waiting until it is proved", ({ expect }) => {
    const run = destroying();
    while (run.job.end === null) run.tick(15_000);
    run.dispatch({ jobId: "run_1-second" }, 100);
    run.tick(15_000);
    expect(run.jobOf("run_1-second").status).toBe("queued");
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
    run.dead(100);
    expect(run.jobOf("run_1-second").status).toBe("starting");
    expect(run.job.end.outcome.code).toBe("stop-unproven");
  });

  test("after an idle container's destroy is retried as the policy scales, with no job waiting", ({
    expect,
  }) => {
    const run = runningRun({ policy: makePolicy({ scale: 0.1, idleMs: 1_000 }) });
    run.beat({ terminal: DONE });
    run.tick(1_000);
    expect(run.instance.intent).toMatchObject({ cause: "idle", retryAt: run.now + 1_500 });
    run.tick(1_500);
    expect(run.instance.intent?.retryAt).toBe(run.now + 1_500);
  });
});

function destroying(): Run {
  const run = runningRun();
  run.cancel(100);
  run.tick(10_000);
  run.tick(5_000);
  return run;
}
