import { describe, test } from "vitest";
import { STARTS_PER_HOUR } from "../../worker/execution/lifecycle/recovery.ts";
import { DONE, FAILED, JOB, makeNote, makeOutput, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";

const heal = makePolicy({ recovery: "heal", budgets: { crash: 1, transient: 2 } });

/** From a loss that was judged to the next attempt at work. */
function startsAgain(run: Run): void {
  run.started(100);
  run.ready(900);
  run.accepted(JOB, 50);
}

function lose(run: Run, code: number): void {
  run.exited(code, 100);
  run.tick(5_000);
}

describe("a lost attempt", () => {
  test("is followed by another in a container of its own, counted before it is started", ({ expect }) => {
    const run = runningRun({ policy: heal });
    const first = run.instance.id;
    lose(run, 1);
    expect(run.job).toMatchObject({
      status: "starting",
      attempt: 1,
      recoveries: [{ attempt: 1, instance: first, evicted: "crash", exit: { code: 1 } }],
    });
    expect(run.instance.id).not.toBe(first);
    expect(run.effects.at(-1)).toStrictEqual({ kind: "start", instance: run.instance.id });
    startsAgain(run);
    expect(run.job).toMatchObject({ status: "running", attempt: 2, end: null });
  });

  test("spends the budget of its own kind, and the one past it is reported", ({ expect }) => {
    const run = runningRun({ policy: heal });
    lose(run, 143);
    startsAgain(run);
    lose(run, 1);
    startsAgain(run);
    lose(run, 143);
    startsAgain(run);
    expect(run.job.recoveries.map(({ evicted }) => evicted)).toStrictEqual([
      "transient",
      "crash",
      "transient",
    ]);
    lose(run, 143);
    expect(run.job).toMatchObject({ status: "evicted", attempt: 4, end: { evicted: "transient" } });
    expect(run.job.end?.detail).toContain("3 attempts were lost before it");
    expect(run.it.instance).toBeNull();
  });

  test("is healed once where that is the policy, whatever the budgets hold", ({ expect }) => {
    const run = runningRun({ policy: { ...heal, recovery: "heal-once" } });
    lose(run, 143);
    startsAgain(run);
    lose(run, 143);
    expect(run.job.status).toBe("evicted");
  });

  test("is reported at once where that is the policy, and where the budget is nought", ({ expect }) => {
    for (const policy of [makePolicy(), { ...heal, budgets: { crash: 0, transient: 0 } }]) {
      const run = runningRun({ policy });
      lose(run, 1);
      expect(run.job).toMatchObject({ status: "evicted", recoveries: [] });
      expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
    }
  });

  test("that a stop was asked for is not healed", ({ expect }) => {
    const run = runningRun({ policy: heal });
    run.cancel(100);
    lose(run, 1);
    expect(run.job).toMatchObject({ status: "cancelled", recoveries: [] });
  });

  test("whose harness announced its own end is not healed", ({ expect }) => {
    const run = runningRun({ policy: heal });
    run.beat({ events: [makeNote(1, "shutting-down")] }, 100);
    lose(run, 0);
    expect(run.job).toMatchObject({ status: "failed", recoveries: [], end: { harnessShutdown: true } });
  });

  test("leaves budgets, numbers and gaps to a later round as they were at its beginning", ({ expect }) => {
    const run = runningRun({ policy: heal, door: "native" });
    lose(run, 1);
    startsAgain(run);
    run.beat({ terminal: DONE }, 100);
    run.dispatch({ policy: heal, door: "native", again: true }, 100);
    expect(run.job).toMatchObject({ round: 2, recoveries: [], attempt: 3 });
  });
});

describe("before the next start", () => {
  test("a silent container is proved dead: until then nothing starts", ({ expect }) => {
    const run = runningRun({ policy: heal });
    const lost = run.instance.id;
    run.tick(45_000);
    run.answered({ kind: "unknown-job" });
    expect(run.job).toMatchObject({ status: "recovering", attempt: 1 });
    run.unproved(1_000);
    run.tick(15_000);
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
    expect(run.instance).toMatchObject({ id: lost, intent: { cause: "silence" } });
    run.dead(100);
    expect(run.instance.id).not.toBe(lost);
    expect(run.effects.at(-1)?.kind).toBe("start");
  });

  test("the lost container may still bring the end, which then stands and starts nothing", ({ expect }) => {
    const run = runningRun({ policy: heal });
    run.tick(45_000);
    run.answered({ kind: "unknown-job" });
    run.beat({ events: [makeOutput(1)], terminal: DONE }, 100);
    expect(run.job).toMatchObject({ status: "done", recoveries: [{ attempt: 1 }] });
    run.dead(100);
    expect(run.it.instance).toBeNull();
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
  });

  test("invariant 5: once the next instance is written the lost attempt changes nothing", ({ expect }) => {
    const run = runningRun({ policy: heal });
    const { id: instance } = run.instance;
    lose(run, 143);
    const { before, state, reply } = run.beat({ instance, attempt: 1, terminal: DONE }, 100);
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "stale-attempt" } });
    expect(state).toBe(before);
  });

  test("a cancel of a job that recovers ends with the proof, and at once where nothing lives", ({
    expect,
  }) => {
    const run = runningRun({ policy: heal });
    run.tick(45_000);
    run.answered({ kind: "unknown-job" });
    run.cancel(100);
    expect(run.job.status).toBe("stopping");
    run.dead(100);
    expect(run.job.status).toBe("cancelled");
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
  });
});

describe("a later attempt", () => {
  test("keeps the commit the first one began from", ({ expect }) => {
    const run = runningRun({ policy: heal });
    const note = { ...makeNote(1, "base-commit"), text: "a".repeat(40) };
    run.beat({ events: [note] }, 100);
    lose(run, 1);
    startsAgain(run);
    run.beat({ events: [{ ...note, text: "b".repeat(40) }] }, 100);
    expect(run.job.baseCommit).toBe("a".repeat(40));
  });

  test("and so does the round that resumes what was evicted or released, where it works in the same place", ({
    expect,
  }) => {
    const base = "a".repeat(40);
    const place = {
      repository: "holt/sample",
      branch: "holt/1",
      agent: "pi",
      model: "m",
      mode: "coding",
    } as const;
    const worked = (policy = makePolicy({ recovery: "report" })): Run => {
      const run = new Run();
      run.dispatch({ policy, about: place });
      startsAgain(run);
      run.beat({ events: [{ ...makeNote(1, "base-commit"), text: base }] }, 100);
      return run;
    };
    const evicted = (): Run => {
      const run = worked();
      run.exited(137, 100);
      run.tick(5_001);
      run.take(100);
      expect(run.job.status).toBe("evicted");
      return run;
    };
    const resumed = evicted();
    resumed.dispatch({ about: { ...place, model: "another" } }, 100);
    expect(resumed.job).toMatchObject({ round: 2, baseCommit: base });

    const released = worked();
    released.release(100);
    released.exited(143, 100);
    released.dispatch({ about: place }, 100);
    expect(released.job).toMatchObject({ round: 2, baseCommit: base });

    const elsewhere = evicted();
    elsewhere.dispatch({ about: { ...place, branch: "holt/2" } }, 100);
    expect(elsewhere.job).toMatchObject({ round: 2, baseCommit: null });

    const failed = worked();
    failed.beat({ terminal: FAILED }, 100);
    failed.take(100);
    failed.dispatch({ about: place }, 100);
    expect(failed.job).toMatchObject({ round: 2, baseCommit: null });
  });

  test("works under what the ones before it left of max-duration", ({ expect }) => {
    const policy = { ...heal, maxDurationMs: 120_000, inactivityMs: 120_000, toolSilenceMs: 120_000 };
    const run = runningRun({ policy });
    run.beat({}, 20_000);
    lose(run, 1);
    startsAgain(run);
    while (run.now < (run.job.workSince ?? 0) + 110_000) run.beat({}, 10_000);
    run.tick(10_000);
    expect(run.job.stop?.cause).toBe("max-duration");
  });

  const refusals = [
    "fatal: Authentication failed for 'https://github.com/acme/app.git/'",
    "remote: HTTP Basic: Access denied",
    "The requested URL returned error: 403",
  ];
  for (const error of refusals) {
    test(`refused by git with "${error.slice(0, 30)}…" is a transient eviction: its dispatcher has a fresh credential`, ({
      expect,
    }) => {
      const run = runningRun({ policy: heal });
      lose(run, 143);
      startsAgain(run);
      run.beat({ terminal: { state: "failed", error, failureCause: "git" } }, 100);
      expect(run.job).toMatchObject({
        status: "evicted",
        end: { evicted: "transient", outcome: { code: "credentials-expired", retryable: true } },
      });
    });
  }

  test("that is not begun yet refuses no credential: the late end of the first is the user's failure", ({
    expect,
  }) => {
    const run = runningRun({ policy: heal });
    run.tick(45_000);
    run.answered({ kind: "unknown-job" });
    const error = "fatal: Authentication failed";
    run.beat({ terminal: { state: "failed", error, failureCause: "git" } }, 100);
    expect(run.job).toMatchObject({ status: "failed", end: { outcome: { code: "git-failed" } } });
  });

  test("a first attempt refused by git is the user's failure", ({ expect }) => {
    const run = runningRun({ policy: heal });
    const error = "fatal: Authentication failed";
    run.beat({ terminal: { state: "failed", error, failureCause: "git" } }, 100);
    expect(run.job).toMatchObject({ status: "failed", end: { outcome: { code: "git-failed" } } });
  });
});

describe("starts within an hour", () => {
  test("are eight at most: a ninth waits as queued, with a note, until the first is an hour old", ({
    expect,
  }) => {
    const run = runningRun({
      policy: { ...heal, queuedMs: 7_200_000, budgets: { crash: 0, transient: 20 } },
    });
    const firstAt = run.it.starts[0] ?? 0;
    for (let start = 2; start <= STARTS_PER_HOUR; start += 1) {
      lose(run, 143);
      startsAgain(run);
    }
    lose(run, 143);
    expect(run.job).toMatchObject({ status: "queued", starts: { retryAt: firstAt + 3_600_000 } });
    expect(run.job.notes.at(-1)?.code).toBe("start-cap");
    expect(run.it).toMatchObject({ instance: null, slot: { kind: "none" } });
    run.tick(firstAt + 3_600_000 - run.now - 1);
    expect(run.it.instance).toBeNull();
    run.tick(1);
    expect(run.job.status).toBe("starting");
  });

  test("count also where the object was reset before it could note that it had called start()", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.give({ kind: "woke", running: true }, 100);
    expect(run.instance.phase).toBe("started");
    expect(run.it.starts).toStrictEqual([run.now]);
    expect(kindsOf(run.effects).filter((kind) => kind === "probe")).toHaveLength(1);
  });

  test("a refusal for want of room is none of them either where nobody waits for it any more", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(10);
    run.cancel(10);
    run.startFailed("no-capacity", 10);
    expect(run.job.status).toBe("cancelled");
    expect(run.it.starts).toStrictEqual([]);
  });

  test("refusals for want of room are none of them", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy: { ...heal, queuedMs: 3_600_000 } });
    for (let refusal = 0; refusal < 2 * STARTS_PER_HOUR; refusal += 1) {
      run.started(10);
      run.startFailed("no-capacity", 10);
      expect(run.it.starts).toStrictEqual([]);
      run.tick(45_000);
    }
    expect(run.job.status).toBe("starting");
  });
});

test("evidence that comes after a verdict is appended and changes no verdict", ({ expect }) => {
  const run = runningRun();
  run.tick(45_000);
  run.answered({ kind: "other-boot" });
  const { end } = run.job;
  run.beat({ terminal: DONE }, 100);
  run.beat({ terminal: DONE }, 100);
  run.exited(1, 100);
  expect(run.job.end).toBe(end);
  const late = run.events.filter(({ kind }) => kind === "late-evidence").map(({ body }) => body);
  expect(late).toMatchObject([{ of: "terminal", state: "done", pushed: true }, { of: "exit" }]);
});
