import { test } from "vitest";
import { Beat } from "../../shared/beat.ts";
import type { HarnessView } from "../../shared/harness-wire.ts";
import { DONE, FAILED, JOB, makeOutput, makePolicy } from "./build.ts";
import { kindsOf, type Run, runningRun } from "./run.ts";

const view: HarnessView = { id: JOB, state: "running", startedAt: 1, heartbeatAt: 1, phase: "agent" };
const timeout = { kind: "no-answer", text: "no answer within 5 s" } as const;

test("forty-five seconds without a beat put one question and end nothing", ({ expect }) => {
  const run = runningRun();
  const attempt = { instance: run.instance.id, jobId: JOB, attempt: 1 };
  run.tick(30_000);
  expect(run.tick(14_999).effects.filter(({ kind }) => kind === "ask")).toStrictEqual([]);
  expect(run.tick(1).effects).toStrictEqual([{ kind: "ask", ...attempt }]);
  expect(run.job).toMatchObject({ status: "running", current: { question: { number: 1, state: "asked" } } });
});

test("an answer that knows the job counts as a beat, and moves nothing but silence", ({ expect }) => {
  const run = asked();
  const { outputAt, toolAt, beatAt, heartbeatAt, workSince } = run.job;
  run.answered({ kind: "known", view }, 200);
  expect(run.job).toMatchObject({ status: "running", outputAt, toolAt, beatAt, heartbeatAt, workSince });
  expect(run.job.current).toMatchObject({ question: null, aliveAt: run.now });
  expect(kindsOf(run.tick(44_000).effects)).not.toContain("ask");
});

test("a beat between the questions withdraws them", ({ expect }) => {
  const run = asked();
  run.answered(timeout, 100);
  run.beat({}, 100);
  expect(run.job.current?.question).toBeNull();
  const { before, state } = run.answered(timeout, 100);
  expect(state).toBe(before);
});

test("two unanswered questions, five seconds apart, lose the job with its evidence; the container is destroyed", ({
  expect,
}) => {
  const run = asked();
  expect(run.answered(timeout, 100).effects).toStrictEqual([]);
  expect(kindsOf(run.tick(4_999).effects)).not.toContain("ask");
  expect(kindsOf(run.tick(1).effects)).toStrictEqual(["ask"]);
  const { effects } = run.answered(timeout, 100);
  expect(kindsOf(effects)).toStrictEqual(["destroy"]);
  expect(run.job).toMatchObject({
    status: "evicted",
    end: { evicted: "transient", exit: { code: null, cause: "silence" } },
  });
  expect(run.job.end?.outcome.evidence[0]?.text).toMatch(
    /^no beat for \d+ ms; two questions were not answered: no answer within 5 s$/,
  );
  expect(run.instance.intent?.cause).toBe("silence");
});

test("an answer that does not know the job loses it at once", ({ expect }) => {
  const run = asked();
  run.answered({ kind: "unknown-job" }, 100);
  expect(run.job.end?.outcome).toMatchObject({ code: "evicted-transient" });
  expect(run.job.end?.outcome.evidence[0]?.text).toContain("does not know the job");
});

test("an answer of another boot loses the job at once", ({ expect }) => {
  const run = asked();
  run.answered({ kind: "other-boot" }, 100);
  expect(run.job.end?.outcome.evidence[0]?.text).toContain("started anew");
});

test("an end that a question finds is taken only when no beat brings it for another window, as a gap of unknown size", ({
  expect,
}) => {
  const run = asked();
  const ended = { kind: "known", view: { ...view, state: "done", result: DONE.result ?? {} } } as const;
  run.answered(ended, 100);
  expect(run.job).toMatchObject({ status: "running", current: { endSeen: true, question: null } });
  run.tick(30_000);
  expect(kindsOf(run.tick(15_000).effects)).toContain("ask");
  run.answered(ended, 100);
  expect(run.job).toMatchObject({ status: "done", end: { outcome: { code: "done" } } });
  expect(run.results).toStrictEqual([{ jobId: JOB, round: 1, result: DONE.result }]);
  expect(run.job.gaps).toMatchObject([{ count: null }]);
});

test("an end that a question finds and a beat then brings is told by the beat, with its last events", ({
  expect,
}) => {
  const run = asked();
  run.answered({ kind: "known", view: { ...view, state: "done", result: {} } }, 100);
  run.beat({ events: [makeOutput(1, "the last line")], terminal: DONE }, 9_000);
  expect(run.job).toMatchObject({ status: "done", gaps: [], logTail: ["the last line"] });
});

test("an end that a question finds stands where the container is gone before a beat brings it", ({
  expect,
}) => {
  const run = runningRun({ policy: makePolicy({ recovery: "heal" }) });
  run.tick(30_000);
  run.tick(15_000);
  run.answered({ kind: "known", view: { ...view, state: "done", result: DONE.result ?? {} } }, 100);
  run.exited(137, 1_000);
  run.tick(5_000);
  expect(run.job).toMatchObject({ status: "done", recoveries: [], gaps: [{ count: null }] });
  expect(run.job.current).not.toHaveProperty("endTold");
  expect(run.results).toStrictEqual([{ jobId: JOB, round: 1, result: DONE.result }]);
});

test("a failure found by questions keeps its text, cause and detail", ({ expect }) => {
  const run = asked();
  const failed = {
    state: "failed",
    error: "no changes",
    failureCause: "no-changes",
    detail: "Phase timings",
  } as const;
  run.answered({ kind: "known", view: { ...view, ...failed } }, 100);
  run.tick(45_000);
  run.answered({ kind: "known", view: { ...view, ...failed } }, 100);
  expect(run.job.end).toMatchObject({
    error: "no changes",
    failureCause: "no-changes",
    detail: "Phase timings",
    outcome: { code: "agent-failed" },
  });
});

test("a watchdog that was itself asleep does not convict: retried beats get one interval, once", ({
  expect,
}) => {
  const run = runningRun();
  expect(kindsOf(run.tick(600_000).effects)).not.toContain("ask");
  const { current } = run.job;
  expect(current?.question).toBeNull();
  const lateMs = run.now - (run.instance.startedAt ?? 0) - 30_000;
  const until = (current?.aliveAt ?? 0) + 45_000 + lateMs;
  expect(current?.forgiven.silence).toStrictEqual({ evidenceAt: current?.aliveAt, until });
  expect(until - run.now).toBeGreaterThan(10_000);
  expect(kindsOf(run.tick(until - run.now - 1).effects)).not.toContain("ask");
  expect(kindsOf(run.tick(600_000).effects)).toContain("ask");
});

test("a beat makes the lateness of a later alarm forgivable again", ({ expect }) => {
  const run = runningRun({ policy: makePolicy({ inactivityMs: 3_600_000, toolSilenceMs: 3_600_000 }) });
  run.tick(600_000);
  run.beat({}, 100);
  expect(kindsOf(run.tick(600_000).effects)).not.toContain("ask");
  expect(kindsOf(run.tick(600_000).effects)).toContain("ask");
});

test("a question whose answer never came back is put again after another window", ({ expect }) => {
  const run = asked();
  run.tick(30_000);
  expect(kindsOf(run.tick(15_000).effects)).toStrictEqual(["ask"]);
  expect(run.job.status).toBe("running");
});

test("a question that never came back is no failure: two that failed are needed after it", ({ expect }) => {
  const run = asked();
  run.tick(30_000);
  run.tick(15_000);
  run.answered(timeout, 100);
  run.answered(timeout, 100);
  expect(run.job.status).toBe("running");
  expect(kindsOf(run.tick(5_000).effects)).toContain("ask");
  run.answered(timeout, 100);
  expect(run.job.status).toBe("evicted");
});

test("a harness that has said that the job ended is not stopped for the silence of its agent", ({
  expect,
}) => {
  const run = runningRun({ policy: makePolicy({ inactivityMs: 60_000 }) });
  run.beat({ phase: "agent", outputAgeMs: 0 }, 100);
  run.tick(30_000);
  run.tick(15_000);
  run.answered({ kind: "known", view: { ...view, state: "done", result: {} } }, 100);
  run.tick(20_000);
  expect(run.job).toMatchObject({ status: "running", stop: null });
  run.beat({ terminal: DONE }, 1_000);
  expect(run.job.status).toBe("done");
});

test("an observer that slept between its questions waits for beats, and asks anew", ({ expect }) => {
  const run = asked();
  run.answered(timeout, 100);
  expect(kindsOf(run.tick(300_000).effects)).not.toContain("ask");
  expect(run.job.current?.question).toBeNull();
  expect(kindsOf(run.tick(10_000).effects)).toContain("ask");
  run.answered(timeout, 100);
  expect(run.job).toMatchObject({ status: "running", current: { question: { number: 1 } } });
});

test("one that slept while the first question was out does not put the second at once either", ({
  expect,
}) => {
  const run = asked();
  run.answered(timeout, 100_000);
  run.tick(1);
  expect(run.job.current).toMatchObject({ question: null, forgiven: { silence: {} } });
  expect(kindsOf(run.tick(5_000).effects)).not.toContain("ask");
});

test("an exit that was seen is judged by itself, whatever a question comes to", ({ expect }) => {
  const run = asked();
  run.answered(timeout, 100);
  run.tick(5_000);
  run.exited(1, 100);
  run.answered(timeout, 100);
  expect(run.job.status).toBe("running");
  run.tick(5_000);
  expect(run.job.end).toMatchObject({ evicted: "crash", exit: { code: 1, cause: "exited" } });
});

test("a job that is being stopped is not lost for want of an answer", ({ expect }) => {
  const run = asked();
  run.cancel(100);
  for (const answer of [timeout, { kind: "unknown-job" }, { kind: "other-boot" }] as const) {
    run.answered(answer, 100);
    expect(run.job.status).toBe("stopping");
  }
});

test("a question on its way is not put again before it ends by itself, however short the window", ({
  expect,
}) => {
  const run = askedWithShortWindow();
  const ticks = Array.from({ length: 20 }, () => run.tick(290));
  expect(ticks.flatMap(({ effects }) => kindsOf(effects))).not.toContain("ask");
  // Its failure is the first one, and no verdict.
  run.answered(timeout, 10);
  expect(run.job).toMatchObject({
    status: "running",
    current: { question: { number: 1, state: "waiting" } },
  });
});

test("a question that never comes back is put again", ({ expect }) => {
  const run = askedWithShortWindow();
  const ticks = Array.from({ length: 23 }, () => run.tick(290));
  expect(ticks.flatMap(({ effects }) => kindsOf(effects)).filter((kind) => kind === "ask")).toHaveLength(1);
  expect(run.job.current?.question).toMatchObject({ number: 1, state: "asked" });
});

test("the window is the policy's, the pause between the questions scales", ({ expect }) => {
  const run = runningRun({ policy: makePolicy({ silenceMs: 1_000, scale: 0.01 }) });
  for (const ms of [300, 300, 300]) run.tick(ms);
  expect(kindsOf(run.tick(100).effects)).toContain("ask");
  run.answered(timeout, 10);
  expect(run.job.current?.question).toStrictEqual({ number: 1, state: "waiting", at: run.now + 50 });
});

test("a beat of another boot is refused, so a harness that was started anew does not keep the job alive", ({
  expect,
}) => {
  const run = runningRun();
  const { before, state, reply } = run.beat({ boot: "boot-0002", terminal: FAILED }, 1_000);
  expect(reply).toMatchObject({ kind: "refused", refusal: { code: "stale-attempt" } });
  expect(state).toBe(before);
});

test("the sample beat of these tests is a beat", ({ expect }) => {
  const run = runningRun();
  const { input } = run.beat({});
  expect(input.kind === "beat" && Beat.safeParse(input.beat).success).toBe(true);
});

function asked(): Run {
  const run = runningRun();
  run.tick(30_000);
  run.tick(15_000);
  return run;
}

/** Questions take longer to fail than this window is long. */
function askedWithShortWindow(): Run {
  const run = runningRun({ policy: makePolicy({ silenceMs: 200, scale: 0.01 }) });
  for (const ms of [10, 190]) run.tick(ms);
  expectAsked(run);
  return run;
}

function expectAsked({ job }: Run): void {
  if (job.current?.question?.state !== "asked") throw new Error("no question is on its way");
}
