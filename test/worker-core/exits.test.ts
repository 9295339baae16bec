import { describe, test } from "vitest";
import { DONE, FAILED, JOB, makeNote, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";
import { situations } from "./situations.ts";

const CRASH = /\(container evicted or crashed\)$/;
const TRANSIENT = /\(container evicted or crashed\): transient infrastructure eviction$/;

describe("an exit nobody asked for", () => {
  const verdicts = [
    { code: 1, cause: "exited", evicted: "crash", text: CRASH },
    { code: 0, cause: "exited", evicted: "crash", text: CRASH },
    { code: 137, cause: "oom", evicted: "crash", text: CRASH },
    { code: 143, cause: "platform-stop", evicted: "transient", text: TRANSIENT },
  ] as const;
  for (const { code, cause, evicted, text } of verdicts) {
    test(`with code ${code} is ${cause}, a ${evicted} eviction, judged five seconds later`, ({ expect }) => {
      const run = runningRun();
      run.exited(code, 100);
      expect(run.job.status).toBe("running");
      expect(run.tick(4_999).effects).toStrictEqual([]);
      expect(run.job.status).toBe("running");
      run.tick(1);
      expect(run.job).toMatchObject({
        status: "evicted",
        end: { evicted, exit: { code, cause, by: "monitor" } },
      });
      expect(run.job.end?.error).toMatch(text);
      expect(run.it.instance).toBeNull();
      expect(run.it.lastInstance?.exit).toMatchObject({ code });
    });
  }

  test("takes what was not sent with it: a gap of unknown size", ({ expect }) => {
    const run = runningRun();
    run.exited(137, 100);
    run.tick(5_000);
    expect(run.job.gaps.map(({ count }) => count)).toStrictEqual([null]);
    expect(kindsOf(run.events)).toContain("gap");
  });

  test("with code 0, announced by the harness, is its own shutdown and no eviction", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeNote(1, "shutting-down")] }, 100);
    run.exited(0, 100);
    run.tick(5_000);
    expect(run.job).toMatchObject({ status: "failed", end: { harnessShutdown: true, evicted: null } });
    expect(run.job.end?.outcome.code).toBe("harness-shutdown");
    expect(run.job.end?.error).not.toMatch(/evicted|transient/);
  });

  for (const code of [0, 137, 143]) {
    test(`with code ${code} of a harness that drained first is the platform's stop`, ({ expect }) => {
      const run = runningRun();
      run.beat({ events: [makeNote(1, "drained")] }, 100);
      run.exited(code, 100);
      run.tick(5_000);
      expect(run.job.end).toMatchObject({
        harnessShutdown: false,
        evicted: "transient",
        exit: { code, cause: "platform-stop" },
      });
      expect(run.job.end?.error).toContain(`The platform stopped the container (exit code ${code})`);
    });
  }

  test("with another code than 0, although it announced its end, is what its code says", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeNote(1, "shutting-down")] }, 100);
    run.exited(1, 100);
    run.tick(5_000);
    expect(run.job.end).toMatchObject({ harnessShutdown: false, evicted: "crash" });
  });

  test("whose code comes after another proof of the death, before the verdict, says what the exit was", ({
    expect,
  }) => {
    const run = runningRun();
    run.give({ kind: "dead", instance: run.instance.id, proof: "the platform knows no container" }, 100);
    expect(run.instance.exit).toMatchObject({ code: null, cause: "vanished", by: "object" });
    const judgeAt = run.instance.exit?.judgeAt;
    const late = run.exited(137, 100);
    expect(late.events).toMatchObject([
      { kind: "late-evidence", jobId: JOB, body: { of: "exit", code: 137 } },
    ]);
    expect(run.instance.exit).toMatchObject({ code: 137, cause: "oom", by: "monitor", judgeAt });
    expect(run.exited(0, 100).events).toStrictEqual([]);
    run.tick(5_000);
    expect(run.job.end).toMatchObject({ evicted: "crash", exit: { code: 137, cause: "oom" } });
    const again = run.give({ kind: "exited", instance: "instance-none", code: 1, message: "" }, 100);
    expect(again.state).toBe(again.before);
  });

  test("of which a last beat says afterwards that it drained is the platform's stop", ({ expect }) => {
    const run = runningRun();
    run.exited(137, 100);
    run.beat({ events: [makeNote(1, "drained")] }, 100);
    run.tick(5_000);
    expect(run.job.end).toMatchObject({ evicted: "transient", exit: { code: 137, cause: "platform-stop" } });
    expect(run.it.lastInstance?.exit).toMatchObject({ cause: "platform-stop" });
  });

  test("with code 137 in the middle of a drain is the platform's stop", ({ expect }) => {
    const run = runningRun();
    run.beat({ phase: "draining" }, 100);
    run.exited(137, 100);
    run.tick(5_000);
    expect(run.job.end).toMatchObject({ evicted: "transient", exit: { code: 137, cause: "platform-stop" } });
  });

  test("whose code comes when its container is buried is evidence too, until another container is written", ({
    expect,
  }) => {
    const run = runningRun();
    const { id } = run.instance;
    run.give({ kind: "dead", instance: id, proof: "the platform knows no container" }, 100);
    run.tick(5_000);
    const { end, revision } = run.job;
    expect(run.it.instance).toBeNull();
    const exited = { kind: "exited", instance: id, code: 137, message: "exit 137" } as const;
    const late = run.give(exited, 100);
    expect(late.events).toMatchObject([
      { kind: "late-evidence", jobId: JOB, body: { of: "exit", code: 137 } },
    ]);
    expect(late.effects).toStrictEqual([]);
    expect(run.job.end).toBe(end);
    expect(run.job.revision).toBe(revision);
    expect(run.give(exited, 100).events).toStrictEqual([]);
    expect(run.it.lastInstance).toMatchObject({ lateCode: 137, exit: { code: null } });
  });

  test("whose code comes late is evidence on the job that was lost, not on one that was done before it", ({
    expect,
  }) => {
    const run = runningRun();
    const { id } = run.instance;
    run.beat({ terminal: DONE }, 100);
    const second = "run_1-second";
    run.dispatch({ jobId: second }, 100);
    run.accepted(second, 100);
    run.give({ kind: "dead", instance: id, proof: "the platform knows no container" }, 100);
    run.tick(5_000);
    const late = run.give({ kind: "exited", instance: id, code: 137, message: "exit 137" }, 100);
    expect(late.events).toMatchObject([{ kind: "late-evidence", jobId: second }]);
  });

  test("whose code comes when its successor is written says nothing any more", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ recovery: "heal" }) });
    const { id } = run.instance;
    run.give({ kind: "dead", instance: id, proof: "the platform knows no container" }, 100);
    run.tick(5_000);
    expect(run.instance.id).not.toBe(id);
    const late = run.give({ kind: "exited", instance: id, code: 137, message: "exit 137" }, 100);
    expect(late.state).toBe(late.before);
    expect(late.events).toStrictEqual([]);
  });

  test("whose code our own signal brought about is no evidence of anything", ({ expect }) => {
    const run = runningRun();
    const { id } = run.instance;
    run.cancel(100);
    run.tick(10_000);
    run.dead(100);
    expect(run.it.lastInstance?.exit).toMatchObject({ code: null, cause: "self-stopped" });
    const late = run.give({ kind: "exited", instance: id, code: 137, message: "exit 137" }, 100);
    expect(late.state).toBe(late.before);
    expect(late.events).toStrictEqual([]);
  });

  test("before the job was taken is an eviction, not a failed start: the harness had been ready", ({
    expect,
  }) => {
    const run = situations["starting, handed over"].make();
    run.exited(1, 100);
    run.tick(5_000);
    expect(run.job).toMatchObject({ status: "evicted", attempt: 1, starts: { failed: 0 } });
  });

  test("is recorded once: a second word about it changes nothing", ({ expect }) => {
    const run = runningRun();
    run.exited(137, 100);
    for (const input of [
      { kind: "exited", instance: run.instance.id, code: 0, message: "exit 0" },
      { kind: "dead", instance: run.instance.id, proof: "the platform knows no container" },
    ] as const) {
      const { before, state, events } = run.give(input, 10);
      expect(state).toBe(before);
      expect(events).toStrictEqual([]);
    }
  });
});

describe("an exit and a last beat", () => {
  test("the beat first: the harness's word is the end", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.exited(0, 10);
    expect(run.job).toMatchObject({ status: "done", end: { exit: null } });
    expect(run.it.instance).toBeNull();
  });

  test("the exit first: a last beat within five seconds still is the end", ({ expect }) => {
    const run = runningRun();
    run.exited(0, 100);
    run.tick(4_900);
    const { reply } = run.beat({ terminal: DONE });
    expect(reply).toMatchObject({ kind: "beat" });
    expect(run.job.status).toBe("done");
    run.tick(100);
    expect(run.job.status).toBe("done");
    expect(run.it.instance).toBeNull();
  });

  test("the exit first and the beat after the verdict: the verdict stands and the beat is stale", ({
    expect,
  }) => {
    const run = runningRun();
    run.exited(1, 100);
    run.tick(5_000);
    const { before, state, reply } = run.beat({ terminal: FAILED }, 100);
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "stale-attempt" } });
    expect(state).toBe(before);
  });

  test("no other deadline decides while an exit waits for its judgement", ({ expect }) => {
    const run = runningRun({
      policy: makePolicy({ maxDurationMs: 60_000, toolSilenceMs: 60_000, inactivityMs: 60_000 }),
    });
    run.tick(29_000);
    run.beat({}, 28_000);
    run.exited(1, 0);
    for (let each = 0; each < 6; each += 1) run.tick(1_000);
    expect(run.job.end?.outcome.code).toBe("evicted-crash");
    expect(kindsOf(run.effects)).not.toContain("ask");
  });
});

describe("an exit after our own signal", () => {
  for (const code of [0, 1, 137, 143]) {
    test(`with code ${code} is evidence of nothing`, ({ expect }) => {
      const run = situations["stopping, SIGTERM sent"].make();
      run.exited(code, 100);
      expect(run.job).toMatchObject({ status: "cancelled", end: { evicted: null } });
      expect(run.job.end?.exit).toMatchObject({ code, cause: "self-stopped" });
    });
  }

  test("asked for by silence leaves the verdict that was given", ({ expect }) => {
    const run = runningRun();
    run.tick(30_000);
    run.tick(15_000);
    run.answered({ kind: "unknown-job" }, 100);
    const { end } = run.job;
    run.exited(137, 100);
    expect(run.job.end).toBe(end);
    expect(run.it.lastInstance?.exit).toMatchObject({ code: 137, cause: "self-stopped" });
  });
});

describe("an object that begins anew", () => {
  test("with its container running goes on with the work and asks whether it is the right one", ({
    expect,
  }) => {
    const run = runningRun();
    const { effects, before, state } = woke(run, true);
    expect(kindsOf(effects)).toStrictEqual(["verify"]);
    expect(state).toBe(before);
    run.beat({ terminal: DONE }, 100);
    expect(run.job.status).toBe("done");
  });

  test("with its container gone knows no code: vanished, a transient eviction", ({ expect }) => {
    const run = runningRun();
    woke(run, false);
    expect(run.job.status).toBe("running");
    run.tick(5_000);
    expect(run.job).toMatchObject({ status: "evicted", end: { evicted: "transient" } });
    expect(run.job.end?.exit).toMatchObject({ code: null, cause: "vanished" });
    expect(run.job.end?.error).toMatch(TRANSIENT);
  });

  test("with an instance written and nothing running never started it: a new id, nothing spent", ({
    expect,
  }) => {
    const run = situations["starting, start() not yet called"].make();
    const { id } = run.instance;
    const { effects } = woke(run, false);
    expect(run.instance.id).not.toBe(id);
    expect(effects).toStrictEqual([{ kind: "start", instance: run.instance.id }]);
    expect(run.job).toMatchObject({ status: "starting", starts: { failed: 0, refused: 0 }, attempt: 0 });
  });

  test("with an instance written and something running takes it for started, and probes it", ({ expect }) => {
    const run = situations["starting, start() not yet called"].make();
    expect(woke(run, true).effects).toStrictEqual([{ kind: "probe", instance: run.instance.id }]);
    expect(run.instance.phase).toBe("started");
  });

  test("with a start under way that is gone counts it as a failed start", ({ expect }) => {
    const run = situations["starting, probed"].make();
    woke(run, false);
    expect(run.job).toMatchObject({ status: "starting", starts: { failed: 1 } });
  });

  test("with a container that was to end, and runs, destroys it; gone, has its proof", ({ expect }) => {
    const running = situations["stopping, SIGTERM sent"].make();
    expect(kindsOf(woke(running, true).effects)).toStrictEqual(["destroy"]);
    const gone = situations["stopping, SIGTERM sent"].make();
    woke(gone, false);
    expect(gone.job).toMatchObject({ status: "cancelled", end: { exit: { cause: "self-stopped" } } });
  });

  test("with an exit seen before judges that, and nothing else", ({ expect }) => {
    const run = situations["running, its exit seen"].make();
    const { before, state } = woke(run, false);
    expect(state).toBe(before);
    run.tick(5_000);
    expect(run.job.end?.exit).toMatchObject({ code: 1, by: "monitor" });
  });

  test("with nothing stored or nothing of its own destroys whatever runs", ({ expect }) => {
    const run = situations["cancelled, its container gone"].make();
    expect(kindsOf(woke(run, true).effects)).toStrictEqual(["destroy-stray"]);
    expect(woke(run, false).effects).toStrictEqual([]);
  });

  test("in front of a container that calls itself another has lost its own", ({ expect }) => {
    const run = runningRun();
    woke(run, true);
    const { effects } = run.give({ kind: "foreign", instance: run.instance.id, seen: "instance-9999" }, 100);
    expect(kindsOf(effects)).toStrictEqual(["destroy"]);
    expect(run.job).toMatchObject({ status: "evicted", end: { evicted: "transient" } });
    expect(run.job.end?.outcome.evidence[0]).toMatchObject({ code: "foreign-instance" });
    expect(run.instance.intent).toMatchObject({ cause: "foreign" });
  });
});

test("a container that calls itself another before it has the job is a failed start, and spends no recovery", ({
  expect,
}) => {
  const run = new Run();
  run.dispatch({ door: "native", policy: makePolicy({ recovery: "heal" }) });
  run.started(100);
  run.give({ kind: "foreign", instance: run.instance.id, seen: "instance-9999" }, 100);
  expect(run.job).toMatchObject({ status: "starting", attempt: 0, recoveries: [] });
  run.dead(100);
  run.tick(100);
  run.started(100);
  run.ready(900);
  run.accepted(JOB, 100);
  expect(run.job).toMatchObject({ status: "running", attempt: 1, recoveries: [], starts: { failed: 1 } });
  run.beat({ terminal: { ...FAILED, failureCause: "git", error: "authentication failed" } }, 100);
  expect(run.job).toMatchObject({ status: "failed", end: { outcome: { code: "git-failed" } } });
});

test("a defect is written to the log and changes nothing else", ({ expect }) => {
  const run = runningRun();
  const { job } = run;
  run.give({ kind: "internal-error", text: "undefined is not a function" }, 100);
  expect(run.job).toBe(job);
  expect(run.events.at(-1)).toMatchObject({ kind: "internal-error", jobId: null });
  expect(run.jobOf(JOB)).toBe(job);
});

function woke(run: Run, running: boolean): ReturnType<Run["give"]> {
  return run.give({ kind: "woke", running }, 1_000);
}
