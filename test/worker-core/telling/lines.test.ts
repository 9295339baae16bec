import { describe, test } from "vitest";
import { DONE, JOB, makeNote, makeOutput, makePolicy, makeRequest } from "../build.ts";
import { situations } from "../situations.ts";
import { Run, runningRun } from "../run.ts";
import { linesIn, outlineOf } from "./told.ts";

const heal = makePolicy({ recovery: "heal" });

describe("the story of a job", () => {
  test("an everyday one, with nothing at warn", ({ expect }) => {
    const run = runningRun();
    run.beat({ phase: "clone", events: [{ seq: 1, at: 0, kind: "phase", phase: "clone" }] }, 1_000);
    run.beat({ phase: "agent", events: [makeOutput(2)] }, 1_000);
    run.beat({ phase: "push", terminal: DONE }, 1_000);
    run.tick(60_000);
    run.dead(100);
    expect(outlineOf(linesIn(run))).toEqual([
      "info job.dispatched",
      "info job.starting",
      "info instance.written",
      "info instance.started",
      "info instance.ready",
      "info attempt.started",
      "info job.running",
      "info phase.changed clone",
      "info job.ended done",
      "info deadline.passed idle",
      "info instance.ending idle",
      "info instance.exited self-stopped",
      "info instance.buried",
    ]);
  });

  test("a lost attempt and what followed it", ({ expect }) => {
    const run = runningRun({ policy: heal });
    run.exited(1, 1_000);
    const from = linesIn(run).length;
    run.tick(5_000);
    expect(outlineOf(linesIn(run).slice(from - 1))).toEqual([
      "warn instance.exited exited",
      "warn attempt.lost exited",
      "warn gap.counted",
      "info job.recovering exited",
      "info job.starting",
      "info instance.buried",
      "info instance.written",
    ]);
  });

  test("a silent harness that is asked, and one that answers after all", ({ expect }) => {
    const run = runningRun();
    run.tick(30_000);
    run.tick(15_000);
    run.beat({}, 100);
    expect(outlineOf(linesIn(run)).slice(-3)).toEqual([
      "warn deadline.passed silence",
      "warn harness.asked",
      "info harness.heard",
    ]);
    expect(linesIn(run).at(-1)?.fields).toEqual({ silentMs: 45_100 });
  });

  test("a cancel up to its proof, each stage with a line", ({ expect }) => {
    const run = runningRun();
    const from = linesIn(run).length;
    run.cancel(1_000);
    run.tick(10_000);
    run.tick(5_000);
    run.unproved(100);
    run.dead(100);
    expect(outlineOf(linesIn(run).slice(from))).toEqual([
      "info cancel.requested",
      "info job.stopping cancelled",
      "warn deadline.passed stop-grace",
      "info note.added sigterm",
      "info instance.ending cancel",
      "warn deadline.passed stop-grace",
      "info note.added destroy",
      "info note.added destroy-requested",
      "warn note.added death-not-proved",
      "info instance.exited self-stopped",
      "info note.added dead",
      "warn gap.counted",
      "info job.ended cancelled",
      "info instance.buried",
    ]);
  });

  test("a start that was refused, and one that failed", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    const from = linesIn(run).length;
    run.startFailed("no-capacity", 100);
    expect(outlineOf(linesIn(run).slice(from))).toEqual([
      "warn instance.exited start-failed",
      "info job.queued",
      "warn start.failed no-capacity",
      "info instance.buried",
    ]);
    expect(linesIn(run).at(-2)?.fields).toEqual({ cause: "no-capacity", why: "said no-capacity" });
  });

  test("a line of executions that cannot be reached", ({ expect }) => {
    const run = new Run();
    run.grants = false;
    run.dispatch();
    run.give({ kind: "slot", answer: { kind: "unreachable", text: "no answer" } }, 100);
    expect(outlineOf(linesIn(run)).at(-1)).toBe("warn slot.unreachable");
  });

  test("a job whose container cannot be proved dead is an error", ({ expect }) => {
    const run = runningRun();
    run.cancel(100);
    run.tick(10_000);
    run.tick(5_000);
    run.unproved(100);
    run.tick(20 * 60_000);
    expect(outlineOf(linesIn(run)).at(-1)).toBe("error job.ended stop-unproven");
  });

  test("a limit that was passed says what was seen", ({ expect }) => {
    const run = runningRun({ policy: makePolicy({ maxDurationMs: 60_000, inactivityMs: 60_000 }) });
    run.beat({ phase: "agent" }, 1_000);
    run.beat({ phase: "agent" }, 30_000);
    run.tick(28_000);
    const overran = linesIn(run).find(({ event }) => event === "job.overran");
    expect(overran).toMatchObject({
      level: "warn",
      fields: { cause: "max-duration", limitMs: 60_000, observedMs: 60_050 },
    });
  });
});

describe("ids", () => {
  test("a line is about the job, round, attempt and instance that it tells of", ({ expect }) => {
    const run = runningRun();
    const instance = run.instance.id;
    const running = linesIn(run).find(({ event }) => event === "job.running");
    expect(running?.about).toEqual({ jobId: JOB, round: 1, attempt: 1, instance });
  });

  test("what came of a request carries its id", ({ expect }) => {
    const run = new Run();
    run.give({ kind: "dispatch", request: { ...makeRequest(), requestId: "request-1" }, keyId: "key-1" });
    run.give({ kind: "cancel", jobId: JOB, reason: "not wanted", requestId: "request-2" }, 100);
    const asked = linesIn(run).map(({ event, about }) => [event, about.requestId]);
    expect(asked).toContainEqual(["job.dispatched", "request-1"]);
    expect(asked).toContainEqual(["cancel.requested", "request-2"]);
    expect(asked.filter(([event]) => event === "job.starting")).toEqual([["job.starting", undefined]]);
  });
});

test("texts of agents and callers stay out of the log", ({ expect }) => {
  const run = runningRun({ labels: { team: "planted-label" }, warnings: ["planted-warning"] });
  run.beat({ events: [makeOutput(1, "planted-output"), makeNote(2, "retrying")] }, 100);
  run.give({ kind: "cancel", jobId: JOB, reason: "planted-reason" }, 100);
  run.beat({ terminal: { state: "failed", error: "planted-error" } }, 100);
  run.tick(5_000);
  run.dead(100);
  expect(run.job.status).toBe("cancelled");
  expect(JSON.stringify(run.events)).toContain("planted-output");
  expect(JSON.stringify(linesIn(run))).not.toContain("planted");
});

describe("whatever happens to a job in any situation can be told", () => {
  for (const [name, { make }] of Object.entries(situations)) {
    test(`as in "${name}"`, ({ expect }) => {
      const run = make();
      run.tick(3_600_000);
      run.tick(3_600_000);
      run.release(1_000);
      const lines = linesIn(run);
      expect(lines[0]?.event).toBe("job.dispatched");
      for (const { event } of lines) expect(event).toMatch(/^[a-z]+\.[a-z-]+$/);
    });
  }
});
