import { describe, test } from "vitest";
import { startFailureOf } from "../../worker/execution/platform-texts.ts";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { BOOT, DONE, JOB, makeOutput, makePolicy, makeRequest } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";

describe("a first dispatch", () => {
  test("writes the instance before the start is wanted, and the attempt only once the harness answers", ({
    expect,
  }) => {
    const run = new Run();
    const { effects, reply } = run.dispatch({ warnings: ["'full' has no effect here"] });
    expect(effects).toStrictEqual([{ kind: "start", instance: run.instance.id }]);
    expect(run.instance).toMatchObject({ phase: "written", startedAt: null, intent: null });
    expect(run.job).toMatchObject({ status: "starting", attempt: 0, round: 1, current: null });
    expect(reply).toMatchObject({ fresh: true, warnings: ["'full' has no effect here"] });
    run.started(100);
    run.ready(1_000);
    expect(run.job).toMatchObject({ status: "starting", attempt: 1 });
    expect(run.effects.at(-1)).toStrictEqual({
      kind: "post",
      instance: run.instance.id,
      jobId: JOB,
      attempt: 1,
    });
    run.accepted();
    expect(run.job).toMatchObject({ status: "running", current: { accepted: true, boot: BOOT, ack: 0 } });
  });

  test("a beat that arrives before the answer to POST /jobs counts as the acceptance", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.ready(100);
    const { reply } = run.beat({ events: [makeOutput(1)] }, 50);
    expect(reply).toMatchObject({ kind: "beat", reply: { ack: 1 } });
    expect(run.job.status).toBe("running");
    const { before, state } = run.accepted();
    expect(state).toBe(before);
  });

  test("an acceptance that names no boot leaves the one the probe saw", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(10);
    run.ready(10);
    run.give({
      kind: "accepted",
      instance: run.instance.id,
      jobId: JOB,
      attempt: 1,
      boot: null,
      beats: true,
    });
    expect(run.job.current?.boot).toBe(BOOT);
  });

  test("a 4xx of the harness is a verdict with its text, and the container stays for the next job", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(10);
    run.ready(10);
    run.give({
      kind: "refused",
      instance: run.instance.id,
      jobId: JOB,
      attempt: 1,
      error: "'repo' is missing",
    });
    expect(run.job).toMatchObject({ status: "failed", starts: { failed: 0 } });
    expect(run.job.end).toMatchObject({
      error: "'repo' is missing",
      outcome: { code: "refused-by-harness" },
    });
    run.dispatch({ jobId: "run_1-second" }, 100);
    expect(run.effects.at(-1)).toMatchObject({
      kind: "post",
      jobId: "run_1-second",
      instance: run.instance.id,
    });
  });
});

describe("a start that fails", () => {
  test("is tried three times at once, then the job fails with the last reason", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    const instances = [run.instance.id];
    for (const tries of [1, 2]) {
      run.startFailed("other", 1_000);
      expect(run.job).toMatchObject({ status: "starting", starts: { failed: tries } });
      instances.push(run.instance.id);
    }
    expect(new Set(instances).size).toBe(3);
    run.startFailed("other", 1_000);
    expect(run.job.status).toBe("failed");
    expect(run.job.end).toMatchObject({ outcome: { code: "start-failed", retryable: true }, evicted: null });
    expect(run.job.end?.error).toBe("the container failed to start 3 times: said other");
    expect(run.it.instance).toBeNull();
    expect(run.job.attempt).toBe(0);
  });

  test("refused for capacity waits 5, 15, 45 and 45 seconds, and spends no try", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    for (const waitMs of [5_000, 15_000, 45_000, 45_000]) {
      run.startFailed("no-capacity", 300);
      expect(run.job).toMatchObject({
        status: "queued",
        phase: "waiting for capacity",
        starts: { failed: 0 },
      });
      const early = run.tick(waitMs - 1);
      expect(early.effects).toStrictEqual([]);
      expect(kindsOf(run.tick(1).effects)).toStrictEqual(["renew-slot", "start"]);
    }
  });

  test("refused for capacity for ten minutes ends the job as capacity, with what was said", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.startFailed("rate-limited", 300);
    const since = run.now;
    while (run.job.end === null) {
      run.tick((deadlines(run.it)[0]?.at ?? 0) - run.now);
      if (run.it.instance !== null) run.startFailed("rate-limited", 200);
    }
    expect(run.now).toBe(since + 600_000);
    expect(run.job.end).toMatchObject({ outcome: { code: "capacity" }, evicted: null });
    expect(run.job.end.error).toBe("no container became available within 600s: said rate-limited");
    expect(run.it.instance).toBeNull();
  });

  test("refused for capacity spends no try where the object had to begin anew to be sure of it", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    const text = "there is no container instance that can be provided to this durable object";
    run.give({ kind: "probe-noted", instance: run.instance.id, text }, 100);
    run.give({ kind: "woke", running: false }, 100);
    expect(run.job).toMatchObject({ status: "queued", starts: { failed: 0, refused: 1, lastError: text } });
    expect(run.it.starts).toStrictEqual([]);
  });

  test("for want of readiness within its deadline is destroyed first, and counts once its death is proved", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.give({ kind: "probe-noted", instance: run.instance.id, text: "connection refused" });
    run.tick(30_000);
    run.tick(30_000);
    const { effects } = run.tick(30_000);
    expect(kindsOf(effects)).toContain("destroy");
    expect(run.job).toMatchObject({ status: "starting", starts: { failed: 0 } });
    expect(run.instance.intent).toMatchObject({ cause: "start-failed" });
    run.dead(200);
    expect(run.job.starts.failed).toBe(1);
    expect(run.effects.at(-1)).toStrictEqual({ kind: "start", instance: run.instance.id });
  });

  test("three times for want of readiness says so, and what the probes ran into", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ startingMs: 1_000 }) });
    while (run.job.end === null) {
      run.started(100);
      run.give({ kind: "probe-noted", instance: run.instance.id, text: "connection refused" });
      run.tick(900);
      run.dead(10);
    }
    expect(run.job.end.error).toBe(
      "the container failed to start 3 times: the container did not become ready within 1s: connection refused",
    );
  });

  test("by exiting before it is ready counts as a failed start, with its code", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.exited(127, 50);
    expect(run.job.starts).toMatchObject({ failed: 1 });
    expect(run.it.lastInstance?.exit).toMatchObject({ code: 127, cause: "exited" });
    expect(run.job.status).toBe("starting");
  });

  test("by a harness that answers and never takes the job is tried three times, each in a container of its own", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    const instances: string[] = [];
    while (run.job.end === null) {
      instances.push(run.instance.id);
      run.started(100);
      run.ready(100);
      run.give({ kind: "probe-noted", instance: run.instance.id, text: "POST /jobs: HTTP 503" });
      for (let tick = 0; tick < 3; tick += 1) run.tick(30_000);
      expect(run.instance.intent).toMatchObject({ cause: "start-failed" });
      expect(run.job).toMatchObject({ status: "starting", starts: { failed: instances.length - 1 } });
      run.dead(10);
    }
    expect(new Set(instances).size).toBe(3);
    expect(run.job).toMatchObject({ attempt: 3, end: { outcome: { code: "start-failed" } } });
    expect(run.job.end.error).toBe(
      "the container failed to start 3 times: the harness never took the job: POST /jobs: HTTP 503",
    );
    expect(run.it.instance).toBeNull();
  });

  test("by a harness whose word came only when its end was asked for counts all the same, and what is lost is said", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ recovery: "heal-once" }) });
    run.started(100);
    run.ready(100);
    for (let tick = 0; tick < 3; tick += 1) run.tick(30_000);
    run.accepted(JOB, 10);
    run.beat({ events: [makeOutput(1)] }, 10);
    expect(run.job.status).toBe("starting");
    run.dead(10);
    expect(run.job).toMatchObject({ status: "starting", starts: { failed: 1 }, recoveries: [] });
    expect(run.job.gaps).toMatchObject([{ count: null }]);
    expect(run.effects.at(-1)?.kind).toBe("start");
  });

  test("and its end that comes from a container that is to end counts", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.ready(100);
    for (let tick = 0; tick < 3; tick += 1) run.tick(30_000);
    run.beat({ terminal: DONE }, 10);
    expect(run.job.status).toBe("done");
  });

  test("is not given up by an object that was itself asleep: nobody asked the container whether it is ready", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.give({ kind: "woke", running: true }, 90_900);
    run.tick(5);
    expect(run.instance.intent).toBeNull();
    run.ready(50);
    expect(run.job).toMatchObject({ status: "starting", attempt: 1, starts: { failed: 0 } });
  });

  test("is not given up just after such a sleep either, and given up once there was time to answer", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.tick(85_000);
    run.tick(4_900);
    expect(run.instance.intent).toBeNull();
    const { forgivenUntil = 0 } = run.instance;
    while (run.instance.intent === null) run.tick(5_000);
    expect(run.now).toBeLessThanOrEqual(forgivenUntil + 5_000);
    expect(run.instance.intent).toMatchObject({ cause: "start-failed" });
  });

  test("is given its time once, however long the object sleeps again", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    for (let late = 0; late < 2; late += 1) run.tick(600_000);
    expect(run.instance.intent).toMatchObject({ cause: "start-failed" });
  });

  test("by an object that was itself asleep gets one interval for the beats of a harness at work", ({
    expect,
  }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.ready(100);
    run.tick(600_000);
    expect(run.job).toMatchObject({ status: "starting", end: null });
    run.beat({}, 5_000);
    expect(run.job.status).toBe("running");
    const other = new Run();
    other.dispatch();
    other.started(100);
    other.ready(100);
    for (let late = 0; late < 3; late += 1) other.tick(600_000);
    expect(other.instance.intent).toMatchObject({ cause: "start-failed" });
  });

  test("told of a container that is ready is an exit of unknown code, never a second start of a job at work", ({
    expect,
  }) => {
    const run = runningRun();
    const { effects } = run.startFailed("no-capacity", 100);
    expect(effects).toStrictEqual([]);
    expect(run.job.status).toBe("running");
    expect(run.instance.exit).toMatchObject({ code: null, cause: "vanished" });
  });
});

describe("a spec that no key opens", () => {
  test("before the hand-over ends the job as a reported eviction and leaves the container", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.ready(100);
    const { effects } = run.give({ kind: "spec-unreadable", jobId: JOB, attempt: 1 });
    expect(run.job).toMatchObject({ status: "evicted", end: { evicted: "transient" } });
    expect(run.job.end?.error).toMatch(
      /\(container evicted or crashed\): transient infrastructure eviction$/,
    );
    expect(effects).toStrictEqual([]);
  });

  test("ends a container to which no key speaks any more: it is of use to nobody", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    const second = "run_1-second";
    run.give({ kind: "dispatch", request: makeRequest({ jobId: second }), keyId: "key-2" }, 100);
    const { attempt } = run.jobOf(second);
    const { effects } = run.give({ kind: "spec-unreadable", jobId: second, attempt }, 100);
    expect(run.jobOf(second).end?.outcome.code).toBe("spec-unreadable");
    expect(kindsOf(effects)).toStrictEqual(["destroy"]);
    expect(run.instance.intent?.cause).toBe("unneeded");
  });

  test("while the job is at work ends its container with it", ({ expect }) => {
    const run = runningRun();
    const { effects } = run.give({ kind: "spec-unreadable", jobId: JOB, attempt: 1 }, 100);
    expect(run.job.end?.outcome.code).toBe("spec-unreadable");
    expect(kindsOf(effects)).toStrictEqual(["destroy"]);
    expect(run.instance.intent?.cause).toBe("unneeded");
  });
});

describe("the platform's words at a failed start", () => {
  const words = [
    ["There is no container instance that can be provided to this Durable Object", "no-capacity"],
    ["Maximum number of running container instances exceeded", "no-capacity"],
    ["you are starting too many containers per second", "rate-limited"],
    ["image not found", "other"],
    ["", "other"],
  ] as const;
  for (const [text, meaning] of words) {
    test(`'${text}' means ${meaning}`, ({ expect }) => {
      expect(startFailureOf(text)).toBe(meaning);
    });
  }
});
