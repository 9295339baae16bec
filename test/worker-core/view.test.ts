import { describe, test } from "vitest";
import { ExecutionView, JobView } from "../../shared/job-view.ts";
import { OutcomeCode } from "../../shared/outcomes.ts";
import { Outcomes } from "../../shared/outcomes.ts";
import { cardOf } from "../../worker/execution/board/card.ts";
import { isTerminal } from "../../worker/execution/state.ts";
import { stateOf, toExecutionView, toJobView } from "../../worker/execution/view.ts";
import { DONE, FAILED, JOB, makeFollowUp, makeOutput, makePolicy } from "./build.ts";
import { extras } from "./extras.ts";
import { type Run, runningRun } from "./run.ts";
import { type Situation, situations } from "./situations.ts";

describe("a view of every situation", () => {
  for (const [name, { make }] of Object.entries<Situation>(situations)) {
    test(`${name}: is a JobView, and tells of an end only where there is one`, ({ expect }) => {
      const run = make();
      const view = viewOf(run, { result: { pushed: true } });
      expect(JobView.parse(view)).toStrictEqual(view);
      const ended = isTerminal(view.status);
      expect(view.state).toBe(stateOf(view.status));
      expect([view.outcome !== null, view.result !== undefined]).toStrictEqual([ended, ended]);
      expect(view.state === "failed").toBe(view.error !== undefined);
    });
  }
});

test("startedAt is the acceptance and never moves; asOf is the moment of reading", ({ expect }) => {
  const run = runningRun();
  const accepted = run.job.acceptedAt;
  run.beat({ outputAgeMs: 0 }, 5_000);
  const view = viewOf(run);
  expect(view).toMatchObject({ startedAt: accepted, asOf: run.now, heartbeatAt: run.now });
});

test("ages and remaining times are made at reading and change no revision", ({ expect }) => {
  const run = runningRun();
  run.beat({ outputAgeMs: 100 }, 5_000);
  const first = viewOf(run);
  run.now += 3_000;
  const second = viewOf(run);
  expect(second.revision).toBe(first.revision);
  expect(second.signals.output?.ageMs).toBe(3_100);
  expect(second.signals.process?.ageMs).toBe(3_000);
  expect(second.deadlines[0]?.remainingMs).toBe((first.deadlines[0]?.remainingMs ?? 0) - 3_000);
});

test("an exit that was seen, and a container that became ready, show under a new revision", ({ expect }) => {
  const run = situations["starting, probed"].make();
  const probed = viewOf(run);
  run.ready(1_000);
  const ready = viewOf(run);
  expect([probed.container?.coldStartMs, ready.container?.coldStartMs]).toStrictEqual([null, 1_000]);
  expect(ready.revision).toBeGreaterThan(probed.revision);
  run.accepted();
  const before = viewOf(run);
  run.exited(137, 100);
  const after = viewOf(run);
  expect([before.exit, after.exit?.code, after.container?.running]).toStrictEqual([null, 137, false]);
  expect(after.revision).toBeGreaterThan(before.revision);
});

test("a job that waits has no container, and one whose container is gone still names it", ({ expect }) => {
  expect(viewOf(situations["queued behind another"].make()).container).toBeNull();
  const gone = situations["evicted, its container gone"].make();
  expect(viewOf(gone).container).toMatchObject({
    instance: gone.job.current?.instance,
    running: false,
    coldStartMs: 900,
  });
});

test("an end that is held back reads as running and finishing, and tells nothing of itself", ({ expect }) => {
  for (const name of ["done, its container idle", "evicted, its container gone"] as const) {
    const view = viewOf(situations[name].make(), { held: true, result: { pushed: true } });
    expect(view).toMatchObject({ state: "running", status: "running", phase: "finishing", outcome: null });
    expect([view.result, view.error, view.evicted, view.detail]).toStrictEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  }
});

test("a question of the agent asks for attention, and so does a near max-duration", ({ expect }) => {
  const run = runningRun();
  expect(viewOf(run).attention).toBeNull();
  const followUp = { kind: "question", title: "Which branch?", detail: "" } as const;
  run.beat({ events: [{ seq: 1, at: 0, kind: "follow-up", followUp }] }, 100);
  expect(viewOf(run).attention).toStrictEqual({ since: run.now, why: "the agent asked a question" });
  const other = runningRun();
  other.now = (other.job.workSince ?? 0) + 56 * 60_000;
  expect(viewOf(other).attention?.why).toBe("the max-duration deadline will stop it");
});

test("a question asks for attention as long as an answer may help", ({ expect }) => {
  const followUp = { kind: "question", title: "Which branch?", detail: "" } as const;
  for (const [terminal, asks] of [
    [DONE, true],
    [FAILED, false],
  ] as const) {
    const run = runningRun();
    run.beat({ events: [{ seq: 1, at: 0, kind: "follow-up", followUp }], terminal }, 100);
    expect(viewOf(run).attention !== null).toBe(asks);
  }
});

test("tool-silence is shown as long as an agent works, wherever its last output and tool call stand", ({
  expect,
}) => {
  const run = runningRun();
  const shown = () => viewOf(run).deadlines.find(({ name }) => name === "tool-silence");
  run.beat({ phase: "agent", outputAgeMs: 0, toolAgeMs: 0 }, 1_000);
  const toolAt = run.now;
  const limitMs = makePolicy().toolSilenceMs;
  expect(shown()).toMatchObject({ at: toolAt + limitMs, extendable: true });
  run.beat({ phase: "agent", outputAgeMs: 0 }, 2_000);
  expect(shown()).toMatchObject({ at: toolAt + limitMs, extendable: true });
  // An agent that is silent altogether is stopped at its inactivity: what comes only after that is not shown before it.
  const until = toolAt + 2 * limitMs;
  run.beat({ phase: "agent", outputAgeMs: 0, toolAgeMs: 0 }, 1_000);
  run.give({ kind: "extend", jobId: JOB, deadline: "inactivity", until });
  expect(shown()?.at).toBe(until);
  run.give({ kind: "extend", jobId: JOB, deadline: "tool-silence", until: until + 60_000 });
  expect(shown()?.at).toBe(until + 60_000);
});

test("a job behind another needs no attention for that one's deadline", ({ expect }) => {
  const run = runningRun();
  run.dispatch({ jobId: "run_1-second" });
  run.now = (run.job.workSince ?? 0) + 56 * 60_000;
  const { it, now } = run;
  expect(toJobView(it, run.jobOf("run_1-second"), now, extras).attention).toBeNull();
  expect(toJobView(it, run.job, now, extras).attention).not.toBeNull();
  expect(cardOf(it, run.jobOf("run_1-second"), now).attention).toBeNull();
  expect(cardOf(it, run.job, now).attention).not.toBeNull();
});

test("a plain follow-up asks for nobody's attention", ({ expect }) => {
  const run = runningRun();
  run.beat({ events: [makeFollowUp(1)] }, 100);
  expect(viewOf(run).attention).toBeNull();
});

test("a stop under way tells its stage and what was seen, and an ended job keeps that in its outcome", ({
  expect,
}) => {
  const run = runningRun();
  expect(viewOf(run).stop).toBeUndefined();
  run.cancel(100);
  expect(viewOf(run).stop).toMatchObject({ kind: "cancel", cause: "cancelled", stage: "cooperative" });
  run.tick(10_000);
  const { stop } = viewOf(run);
  expect(stop).toMatchObject({ stage: "sigterm", text: "not wanted" });
  expect(stop?.evidence.map(({ code }) => code)).toStrictEqual(["stop-requested", "sigterm"]);
  run.dead(100);
  const ended = viewOf(run);
  expect(ended.stop).toBeUndefined();
  expect(ended.outcome?.evidence.slice(0, 2)).toStrictEqual(stop?.evidence);
});

test("an unproved death asks for attention until it is proved", ({ expect }) => {
  const run = situations["stopping, SIGTERM sent"].make();
  run.tick(60_000);
  run.unproved(100);
  expect(viewOf(run).attention).toMatchObject({ why: "the container's death is not proved yet" });
  while (run.job.end === null) run.tick(15_000);
  expect(viewOf(run)).toMatchObject({ status: "failed", outcome: { code: "stop-unproven" } });
  expect(viewOf(run).attention?.why).toBe("the container's death is not proved");
  run.dead(15_000);
  expect(viewOf(run)).toMatchObject({
    status: "failed",
    outcome: { code: "stop-unproven" },
    attention: null,
  });
});

test("an exit that is seen proves the death, and asks for no attention until it is judged", ({ expect }) => {
  const run = runningRun({ policy: makePolicy({ maxDurationMs: 600_000 }) });
  while (run.job.stop === null) {
    run.beat({ outputAgeMs: 0 }, 20_000);
    run.tick();
  }
  run.tick(10_000);
  run.tick(5_000);
  run.unproved(100);
  expect(viewOf(run).attention).not.toBeNull();
  run.exited(137, 100);
  expect(run.instance.exit).not.toBeNull();
  expect(viewOf(run).attention).toBeNull();
});

test("an unproved death of a lost container asks for attention until the next attempt", ({ expect }) => {
  const run = situations["recovering, its container not proved dead"].make();
  run.unproved(100);
  expect(viewOf(run).attention).toMatchObject({ why: "the container's death is not proved yet" });
  run.dead(100);
  expect(viewOf(run)).toMatchObject({ status: "starting", attention: null });
});

test("the steps of a cancel are on the ended view as evidence, with the result as what was achieved", ({
  expect,
}) => {
  const run = runningRun();
  run.cancel(100);
  run.beat({ terminal: DONE }, 100);
  run.exited(143, 100);
  const view = viewOf(run, { result: DONE.result ?? null });
  expect(view).toMatchObject({ status: "cancelled", state: "failed", error: "cancelled: not wanted" });
  expect(view.result).toStrictEqual(DONE.result);
  expect(view.outcome?.evidence.map(({ code }) => code)).toStrictEqual([
    "stop-requested",
    "harness-ended",
    "sigterm",
    "dead",
  ]);
});

test("the seconds of a container are counted while it lives and stay when it is gone", ({ expect }) => {
  const run = runningRun();
  run.beat({ events: [makeOutput(1)] }, 10_000);
  const living = toExecutionView(run.it, [], run.now, extras);
  expect(living.containerSeconds).toBe(11);
  run.exited(1, 0);
  run.tick(5_000);
  expect(toExecutionView(run.it, [], run.now + 60_000, extras).containerSeconds).toBe(16);
});

test("an execution's view holds its jobs, its live container and its deadlines", ({ expect }) => {
  const run = situations["queued behind another"].make();
  const jobs = run.it.jobs.map((job) => toJobView(run.it, job, run.now, extras));
  const view = toExecutionView(run.it, jobs, run.now, extras);
  expect(ExecutionView.parse(view)).toStrictEqual(view);
  expect(view.instance).toMatchObject({ instance: run.instance.id, running: true });
  expect(view.deadlines.map(({ name }) => name)).toContain("tick");
});

test("every outcome code says whose doing it was and what to do next", ({ expect }) => {
  expect(new Set(Object.keys(Outcomes))).toStrictEqual(new Set(OutcomeCode.options));
  for (const { next } of Object.values(Outcomes)) expect(next).toMatch(/^[A-Z].+\.$/);
});

function viewOf(run: Run, over: Partial<typeof extras> = {}): JobView {
  return toJobView(run.it, run.job, run.now, { ...extras, ...over });
}
