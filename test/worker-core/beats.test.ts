import * as fc from "fast-check";
import { describe, test } from "vitest";
import { Limits } from "../../shared/limits.ts";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { DONE, FAILED, makeBeat, makeNote, makeOutput, makePolicy, makeToolEnd } from "./build.ts";
import { Run, runningRun } from "./run.ts";

describe("the sequence of events", () => {
  test("a doubled beat stores nothing twice", ({ expect }) => {
    const run = runningRun();
    const events = [makeOutput(1), makeOutput(2)];
    expect(run.beat({ events }, 100).reply).toMatchObject({ reply: { ack: 2 } });
    const again = run.beat({ events }, 0);
    expect(again.reply).toMatchObject({ reply: { ack: 2 } });
    expect(again.events).toStrictEqual([]);
  });

  test("a beat that comes too early is answered with the ack there is, and stored when the hole is filled", ({
    expect,
  }) => {
    const run = runningRun();
    expect(run.beat({ events: [makeOutput(2)] }).reply).toMatchObject({ reply: { ack: 0 } });
    run.beat({ events: [makeOutput(1)] });
    expect(run.beat({ events: [makeOutput(2)] }).reply).toMatchObject({ reply: { ack: 2 } });
  });

  test("a beat that overlaps what is stored adds only what is new", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeOutput(1), makeOutput(2)] });
    const { events } = run.beat({ events: [makeOutput(2), makeOutput(3)] });
    expect(events.map(({ seq }) => seq)).toStrictEqual([3]);
  });

  test("an end is taken only with all events before it", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeOutput(2)], terminal: DONE });
    expect(run.job.status).toBe("running");
    run.beat({ events: [makeOutput(1), makeOutput(2)], terminal: DONE });
    expect(run.job.status).toBe("done");
  });

  test("a gap the harness counts is on the card with its count", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [{ seq: 1, at: 0, kind: "gap", count: 12, reason: "the buffer was full" }] }, 100);
    expect(run.job.gaps).toStrictEqual([{ at: run.now, count: 12, reason: "the buffer was full" }]);
  });
});

describe("the signs of life", () => {
  test("a beat is a sign of the process, its ages are of output and tools, on our own clock", ({
    expect,
  }) => {
    const run = runningRun();
    run.beat({ outputAgeMs: 2_000, toolAgeMs: 3_000, sentAt: 1 }, 10_000);
    expect(run.job).toMatchObject({ beatAt: run.now, outputAt: run.now - 2_000, toolAt: run.now - 3_000 });
    expect(run.job.heartbeatAt).toBe(run.now - 2_000);
  });

  test("a beat that a later one has overtaken, or that comes twice, brings its events and no sign", ({
    expect,
  }) => {
    for (const number of [7, 8]) {
      const run = runningRun();
      run.beat({ number: 8, phase: "agent", outputAgeMs: 4_000, events: [] }, 1_000);
      const before = run.job;
      const late = { number, phase: "clone", outputAgeMs: 0, toolAgeMs: 0, events: [makeOutput(1)] };
      const { reply } = run.beat(late, 2_000);
      expect(reply).toMatchObject({ reply: { ack: 1 } });
      const { phase, beatAt, outputAt, toolAt, heartbeatAt, current } = before;
      expect(run.job).toMatchObject({ phase, beatAt, outputAt, toolAt, heartbeatAt });
      expect(run.job.current).toStrictEqual({ ...current, ack: 1 });
    }
  });

  test("a beat without a number is taken as it comes", ({ expect }) => {
    const run = runningRun();
    run.beat({ number: 8 }, 1_000);
    run.beat({ outputAgeMs: 0 }, 2_000);
    expect(run.job).toMatchObject({ beatAt: run.now, outputAt: run.now });
  });

  test("an age that cannot be counts as none: negative, or older than the attempt", ({ expect }) => {
    for (const outputAgeMs of [-1, 1e12]) {
      const run = runningRun();
      run.beat({ outputAgeMs }, 10_000);
      expect(run.job.outputAt, `${outputAgeMs}`).toBe(run.now);
    }
  });

  test("an event older than its attempt counts as happening when it arrives", ({ expect }) => {
    const run = runningRun();
    const { events } = run.beat({ events: [{ ...makeToolEnd(1), at: -9e15 }] }, 1_000);
    expect(events[0]?.body).toMatchObject({ endedAt: run.now, startedAt: run.now - 5 });
  });

  test("the heartbeat is the agent's activity: a beat without output leaves it", ({ expect }) => {
    const run = runningRun();
    const { heartbeatAt } = run.job;
    run.beat({}, 10_000);
    expect(run.job.heartbeatAt).toBe(heartbeatAt);
  });

  test("the reply tells when to beat again: four and a half times within the silence", ({ expect }) => {
    const run = runningRun();
    expect(run.beat({}).reply).toMatchObject({ reply: { nextBeatMs: 10_000 } });
    const fast = runningRun({ policy: makePolicy({ silenceMs: 100 }) });
    expect(fast.beat({}).reply).toMatchObject({ reply: { nextBeatMs: 60 } });
  });

  test("what a harness reports shows on the card: phase, progress, notes, tokens, log tail", ({ expect }) => {
    const run = runningRun();
    const usage = {
      kind: "usage",
      at: 0,
      inputTokens: 5,
      cacheReadTokens: 1,
      cacheWriteTokens: 2,
      outputTokens: 3,
    } as const;
    run.beat({
      phase: "push",
      progress: { completed: 1, inProgress: 1, total: 3 },
      events: [
        makeNote(1, "checkpoint"),
        { ...usage, seq: 2, model: "m" },
        { ...usage, seq: 3, model: "m" },
        makeOutput(4, "a\n\nb"),
      ],
    });
    expect(run.job).toMatchObject({
      phase: "push",
      progress: { completed: 1, inProgress: 1, total: 3 },
      tokens: [{ model: "m", input: 10, cacheRead: 2, cacheWrite: 4, output: 6 }],
      logTail: ["a", "b"],
    });
    expect(run.job.notes.at(-1)).toMatchObject({ code: "checkpoint" });
  });
});

describe("the end", () => {
  const ends = [
    { terminal: DONE, status: "done", code: "done" },
    { terminal: { state: "done", result: { error: "no json" } }, status: "done", code: "result-error" },
    { terminal: FAILED, status: "failed", code: "agent-failed" },
    { terminal: { ...FAILED, failureCause: "git" }, status: "failed", code: "git-failed" },
    { terminal: { ...FAILED, failureCause: "api" }, status: "failed", code: "api-failed" },
    { terminal: { ...FAILED, failureCause: "branch-contended" }, status: "failed", code: "branch-contended" },
    {
      terminal: { ...FAILED, failureCause: "inactivity-timeout" },
      status: "failed",
      code: "inactivity-timeout",
    },
    { terminal: { ...FAILED, failureCause: "max-duration" }, status: "failed", code: "max-duration" },
    { terminal: { ...FAILED, failureCause: "no-tool-progress" }, status: "failed", code: "no-tool-progress" },
    { terminal: { ...FAILED, failureCause: "no-changes" }, status: "failed", code: "agent-failed" },
  ] as const;
  for (const { terminal, status, code } of ends) {
    test(`${JSON.stringify(terminal)} is ${status}, ${code}`, ({ expect }) => {
      const run = runningRun();
      run.beat({ terminal });
      expect(run.job).toMatchObject({ status, end: { outcome: { code }, evicted: null } });
    });
  }

  test("with a result past its limit keeps its size as an error", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: { state: "done", result: { custom: "x".repeat(Limits.resultBytes) } } });
    expect(run.results[0]?.result).toStrictEqual({
      error: `result-too-large: ${Limits.resultBytes + 13} bytes, at most ${Limits.resultBytes} are kept`,
    });
  });

  test("with a result past its limit in bytes, though not in characters, keeps its size too", ({
    expect,
  }) => {
    const run = runningRun();
    run.beat({ terminal: { state: "done", result: { custom: "漢".repeat(400_000) } } });
    expect(run.results[0]?.result.error).toMatch(/^result-too-large: 1200013 bytes/);
  });

  test("is told once: a second one is answered and changes nothing", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE });
    const { before, state, reply, results } = run.beat({ terminal: FAILED });
    expect(reply).toMatchObject({ kind: "beat", reply: { directives: [] } });
    expect(state).toBe(before);
    expect(results).toStrictEqual([]);
  });
});

test("a beat of an object that knows nothing is stale and writes nothing", ({ expect }) => {
  const run = new Run();
  const beat = makeBeat({ instance: "instance-0000", events: [makeOutput(1)] });
  const { reply, state, effects } = run.give({ kind: "beat", beat });
  expect(reply).toMatchObject({ kind: "refused", refusal: { code: "stale-attempt" } });
  expect([state, effects]).toStrictEqual([null, []]);
});

const anyBeat = fc.record({
  sentAt: fc.maxSafeInteger(),
  outputAgeMs: fc.option(fc.maxSafeInteger()),
  toolAgeMs: fc.option(fc.maxSafeInteger()),
  at: fc.maxSafeInteger(),
  afterMs: fc.nat(8_000),
});

test("invariant 13: whatever clock a beat tells, it moves only silence, and ages only what they are the ages of", ({
  expect,
}) => {
  fc.assert(
    fc.property(fc.array(anyBeat, { minLength: 1, maxLength: 8, size: "max" }), (told) => {
      const run = runningRun();
      run.beat({}, 100);
      for (const { sentAt, outputAgeMs, toolAgeMs, at, afterMs } of told) {
        const before = standing(run);
        const seq = (run.job.current?.ack ?? 0) + 1;
        const events = [
          { ...makeOutput(seq), at },
          { ...makeToolEnd(seq + 1), at },
          { ...makeNote(seq + 2, "n"), at },
        ];
        run.beat({ sentAt, outputAgeMs, toolAgeMs, events }, afterMs);
        const moved = [
          ["inactivity", outputAgeMs],
          ["tool-silence", toolAgeMs ?? outputAgeMs],
        ] as const;
        const after = standing(run);
        expect(after.get("silence")).toBe(run.now + run.job.policy.silenceMs);
        for (const [name, said] of moved) {
          if (said === null) expect(after.get(name) ?? 0, name).toBe(before.get(name) ?? 0);
        }
        for (const name of ["silence", ...agents]) {
          before.delete(name);
          after.delete(name);
        }
        expect(after).toStrictEqual(before);
      }
    }),
    { seed: 20_990_101 },
  );
});

test("invariant 13: nothing a container sends moves max-duration", ({ expect }) => {
  const phases = ["clone", "agent", "push", "x"];
  const said = fc.constantFrom("beat", "accepted", "ready", "probe-noted", "known", "stop-told", "signalled");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(said, fc.constantFrom(...phases)), { maxLength: 30, size: "max" }),
      (words) => {
        const run = runningRun();
        const at = standing(run).get("max-duration");
        for (const [word, phase] of words) {
          say(run, word, phase);
          expect(standing(run).get("max-duration")).toBe(at);
        }
      },
    ),
    { seed: 20_990_101 },
  );
});

function say(run: Run, word: string, phase: string): void {
  const { id: instance } = run.instance;
  const { jobId } = run.job;
  if (word === "beat") run.beat({ phase, outputAgeMs: -1e15 }, 1_000);
  else if (word === "accepted") run.accepted(jobId, 1_000);
  else if (word === "ready") run.ready(1_000, "boot-0009");
  else if (word === "probe-noted") run.give({ kind: "probe-noted", instance, text: phase }, 1_000);
  else if (word === "stop-told")
    run.give({ kind: "stop-told", instance, jobId, ok: true, text: phase }, 1_000);
  else if (word === "signalled") run.give({ kind: "signalled", instance, signo: 15, ok: true, text: phase });
  else
    run.answered({
      kind: "known",
      view: { id: jobId, state: "running", startedAt: 9e15, heartbeatAt: 9e15, phase },
    });
}

/** What the agent's own signs may move or end. */
const agents = ["inactivity", "tool-silence", "cold-start"];

function standing(run: Run): Map<string, number> {
  return new Map(deadlines(run.it).map(({ name, at }) => [name, at]));
}
