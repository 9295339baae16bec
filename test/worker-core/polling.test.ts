import { describe, test } from "vitest";
import type { HarnessView } from "../../shared/harness-wire.ts";
import type { Answer } from "../../worker/execution/input.ts";
import { JOB, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun, type Taken } from "./run.ts";

const view: HarnessView = { id: JOB, state: "running", startedAt: 5, heartbeatAt: 10, phase: "agent" };
const silent = { kind: "no-answer", text: "refused" } as const;

function withoutBeats(policy: Parameters<typeof makePolicy>[0] = {}): Run {
  const run = new Run();
  run.dispatch({ policy: makePolicy({ inactivityMs: 60_000, silenceMs: 45_000, ...policy }) });
  run.started(100);
  run.ready(900, null);
  const { id: instance } = run.instance;
  run.give({ kind: "accepted", instance, jobId: JOB, attempt: 1, boot: null, beats: false });
  return run;
}

function polled(run: Run, answer: Answer, afterMs = 100): Taken {
  const { attempt } = run.job;
  return run.give({ kind: "polled", instance: run.instance.id, jobId: JOB, attempt, answer }, afterMs);
}

describe("a harness that sends no beats", () => {
  test("is read every five seconds, and the view says what does not hold", ({ expect }) => {
    const run = withoutBeats();
    expect(run.job.notes).toMatchObject([{ code: "polled" }]);
    for (let poll = 0; poll < 3; poll += 1) {
      const { id: instance } = run.instance;
      expect(run.tick(5_000).effects).toContainEqual({ kind: "poll", instance, jobId: JOB, attempt: 1 });
    }
  });

  test("has its telemetry stored before anything else, its follow-ups once", ({ expect }) => {
    const run = withoutBeats();
    const spans = [{ tool: "bash", startedAt: 1, endedAt: 31, ok: true }];
    const followUps = [{ kind: "question" as const, title: "Which?", detail: "this or that" }];
    polled(run, { kind: "known", view: { ...view, spans, followUps } });
    polled(run, { kind: "known", view: { ...view, followUps, state: "done", result: { summary: "done" } } });
    expect(run.job).toMatchObject({ status: "done", gaps: [], spans: { newest: 1 }, toolName: "bash" });
    expect(kindsOf(run.events).slice(-4)).toStrictEqual(["tool-end", "follow-up", "follow-up", "terminal"]);
    const repeated = run.events
      .filter(({ kind }) => kind === "follow-up")
      .map(({ body }) => body["repeated"]);
    expect(repeated).toStrictEqual([false, true]);
    expect(run.job.questionAt).not.toBeNull();
  });

  test("that answers is alive, and its agent is active only when its own word of that moves", ({
    expect,
  }) => {
    const run = withoutBeats();
    const look = (heartbeatAt: number): void => {
      run.tick(5_000);
      polled(run, { kind: "known", view: { ...view, heartbeatAt } });
    };
    for (let poll = 0; poll < 10; poll += 1) look(10 + poll);
    expect(run.job.status).toBe("running");
    expect(run.job.outputAt).toBe(run.now);
    for (let poll = 0; poll < 13 && run.job.stop === null; poll += 1) look(20);
    expect(run.job.stop?.cause).toBe("inactivity-timeout");
    expect(kindsOf(run.effects)).not.toContain("ask");
  });

  test("has what the answer to a question drained stored too", ({ expect }) => {
    const run = withoutBeats();
    for (let poll = 0; poll < 9; poll += 1) {
      run.tick(5_000);
      polled(run, silent, 0);
    }
    expect(run.job.current?.question?.state).toBe("asked");
    const spans = [{ tool: "bash", startedAt: 1, endedAt: 31, ok: true }];
    run.answered({ kind: "known", view: { ...view, spans } }, 100);
    expect(run.job).toMatchObject({ status: "running", spans: { newest: 1 } });
  });

  test("that told of its end while it was given up is not made to do its work again", ({ expect }) => {
    const run = withoutBeats({ recovery: "heal" });
    for (let poll = 0; poll < 9; poll += 1) {
      run.tick(5_000);
      polled(run, silent, 0);
    }
    run.answered(silent, 100);
    run.tick(5_000);
    run.answered(silent, 100);
    expect(run.job.status).toBe("recovering");
    polled(run, { kind: "known", view: { ...view, state: "done", result: { summary: "done" } } });
    expect(run.job).toMatchObject({ status: "done", end: { outcome: { code: "done" } } });
    run.dead(100);
    expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
  });

  test("that answers no more is asked and lost like any other", ({ expect }) => {
    const run = withoutBeats();
    polled(run, { kind: "known", view });
    for (let poll = 0; poll < 9; poll += 1) {
      run.tick(5_000);
      polled(run, silent, 0);
    }
    expect(kindsOf(run.effects)).toContain("ask");
    run.answered(silent, 100);
    run.tick(5_000);
    run.answered(silent, 100);
    expect(run.job.status).toBe("evicted");
  });

  test("that finishes while a deadline is stopping it has its end read, and is done", ({ expect }) => {
    const run = withoutBeats();
    for (let poll = 0; poll < 14 && run.job.stop === null; poll += 1) {
      run.tick(5_000);
      polled(run, { kind: "known", view }, 0);
    }
    expect(run.job).toMatchObject({ status: "stopping", stop: { cause: "inactivity-timeout" } });
    expect(kindsOf(run.tick(5_000).effects)).toContain("poll");
    polled(run, { kind: "known", view: { ...view, state: "done", result: { summary: "done" } } });
    expect(run.job).toMatchObject({ status: "done", end: { outcome: { code: "done" } } });
  });

  test("that does not know the job has lost it", ({ expect }) => {
    const run = withoutBeats();
    polled(run, { kind: "unknown-job" });
    expect(run.job.status).toBe("evicted");
  });
});

describe("a harness whose beats do not arrive", () => {
  function unheard(): Run {
    const run = runningRun();
    for (let window = 0; window < 2; window += 1) {
      run.tick(45_000);
      run.answered({ kind: "known", view }, 100);
    }
    return run;
  }

  test("is read instead after the second answered question, and never lost while it answers", ({
    expect,
  }) => {
    const run = unheard();
    expect(run.job.current?.polling?.why).toBe("unheard");
    expect(run.job.notes).toMatchObject([{ code: "beats-unheard" }]);
    for (let poll = 0; poll < 30; poll += 1) {
      run.tick(5_000);
      polled(run, { kind: "known", view: { ...view, heartbeatAt: 11 + poll } });
    }
    expect(run.job.status).toBe("running");
  });

  test("leaves its spans to the beats that bring them, and its agent's question is asked at once", ({
    expect,
  }) => {
    const run = unheard();
    const spans = [{ tool: "x", startedAt: 1, endedAt: 2, ok: true }];
    const followUp = { kind: "question" as const, title: "Which?", detail: "this or that" };
    polled(run, { kind: "known", view: { ...view, spans, followUps: [followUp] } });
    expect(run.job.spans.newest).toBe(0);
    expect(run.job.questionAt).toBe(run.now);
    run.beat({ events: [{ seq: 1, at: 1, kind: "follow-up", followUp }] }, 100);
    const asked = run.events.filter(({ kind }) => kind === "follow-up");
    expect(asked.map(({ body }) => body["repeated"])).toStrictEqual([false, true]);
  });

  test("has what it tells left to its beats while they may still come", ({ expect }) => {
    const run = runningRun();
    run.tick(45_000);
    const followUps = [{ kind: "question" as const, title: "Which?", detail: "" }];
    run.answered({ kind: "known", view: { ...view, followUps } }, 100);
    expect(kindsOf(run.events)).not.toContain("follow-up");
  });

  test("finishes tools as its readings tell, from the second one on", ({ expect }) => {
    const run = unheard();
    const spans = [{ tool: "bash", startedAt: 1, endedAt: 2, ok: true }];
    polled(run, { kind: "known", view: { ...view, spans } });
    expect(run.job.toolAt).toBeNull();
    polled(run, { kind: "known", view }, 5_000);
    expect(run.job.toolAt).toBeNull();
    polled(run, { kind: "known", view: { ...view, spans } }, 5_000);
    expect(run.job.toolAt).toBe(run.now);
  });

  test("is heard again with the first beat that comes", ({ expect }) => {
    const run = unheard();
    run.beat({}, 100);
    expect(run.job.current).toMatchObject({ polling: null, answersUnheard: 0 });
    const { before, state } = polled(run, { kind: "unknown-job" });
    expect(state).toBe(before);
  });

  test("has its end taken from the reading, with a gap of unknown size", ({ expect }) => {
    const run = unheard();
    const ended = { kind: "known", view: { ...view, state: "done", result: { summary: "done" } } } as const;
    polled(run, ended);
    expect(run.job.status).toBe("running");
    polled(run, ended, 5_000);
    expect(run.job).toMatchObject({ status: "done", gaps: [{ count: null }] });
  });
});
