import { describe, test } from "vitest";
import type { ExtendableDeadline } from "../../shared/dispatch.ts";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { DONE, JOB, makePolicy } from "./build.ts";
import { kindsOf, Run, runningRun, type Taken } from "./run.ts";

const policy = makePolicy({ maxDurationMs: 3_600_000 });

function extend(run: Run, deadline: ExtendableDeadline, until: number): Taken {
  return run.give({ kind: "extend", jobId: JOB, deadline, until });
}

function agentAtWork(): Run {
  const run = runningRun({ door: "native", policy });
  run.beat({ phase: "agent", outputAgeMs: 0 }, 100);
  return run;
}

function at(run: Run, name: string): number | null {
  return deadlines(run.it).find((each) => each.name === name)?.at ?? null;
}

describe("an extension", () => {
  for (const name of ["inactivity", "tool-silence", "max-duration"] as const) {
    test(`of ${name} moves it, is told to the harness in every reply, and can be repeated`, ({ expect }) => {
      const run = agentAtWork();
      run.beat({ outputAgeMs: 0, toolAgeMs: 50 }, 100);
      const until = run.now + 5 * 3_600_000;
      expect(extend(run, name, until).reply).toStrictEqual({ kind: "extended", at: until });
      expect(at(run, name)).toBe(until);
      expect(run.events.at(-1)).toMatchObject({ kind: "deadline-extended", body: { deadline: name, until } });
      const again = extend(run, name, until);
      expect(again.reply).toStrictEqual({ kind: "extended", at: until });
      expect(again.state).toBe(again.before);
      for (let beat = 0; beat < 2; beat += 1) {
        const { reply } = run.beat({ outputAgeMs: 0 }, 100);
        expect(reply).toMatchObject({ reply: { directives: [{ kind: "extend", deadline: name, until }] } });
      }
    });
  }

  for (const [name, cause, said] of [
    ["inactivity", "inactivity-timeout", /no agent activity for 7200s/],
    ["max-duration", "max-duration", /exceeded max duration of 7200s/],
  ] as const) {
    test(`of ${name} is the limit that the stop then names`, ({ expect }) => {
      const run = agentAtWork();
      const since = name === "inactivity" ? (run.job.outputAt ?? 0) : (run.job.workSince ?? 0);
      const until = since + 7_200_000;
      extend(run, name, until);
      // The other two stand later.
      for (const other of ["inactivity", "tool-silence", "max-duration"] as const)
        if (other !== name) extend(run, other, until + 3_600_000);
      while (run.job.stop === null && run.now < until + 60_000) {
        run.beat({ outputAgeMs: name === "inactivity" ? run.now + 30_000 - since : 0 }, 30_000);
        run.tick();
      }
      expect(run.job.stop).toMatchObject({ cause, text: expect.stringMatching(said) });
      const verdict = run.events.find(({ kind }) => kind === "verdict");
      expect(verdict?.body).toMatchObject({ cause, limitMs: 7_200_000 });
      expect(run.job.stop?.evidence).toContainEqual(
        expect.objectContaining({ code: "observed", text: expect.stringMatching(/allowed 7200s/) }),
      );
    });
  }

  test("to less than what stands changes nothing, and answers what stands", ({ expect }) => {
    const run = agentAtWork();
    const standing = at(run, "max-duration") ?? 0;
    expect(extend(run, "max-duration", run.now + 1_000).reply).toStrictEqual({
      kind: "extended",
      at: standing,
    });
    expect(at(run, "max-duration")).toBe(standing);
  });

  test("to less than what stands is no news", ({ expect }) => {
    const run = agentAtWork();
    const { before, state, events } = extend(run, "max-duration", run.now + 1_000);
    expect(state).toBe(before);
    expect(events).toStrictEqual([]);
  });

  test("of a job that waits behind another moves its own deadline, and answers for that one", ({
    expect,
  }) => {
    const run = agentAtWork();
    const jobId = "run_1-second";
    run.dispatch({ jobId, door: "native", policy });
    const until = run.now + 7_200_000;
    const { reply } = run.give({ kind: "extend", jobId, deadline: "max-duration", until });
    expect(reply).toStrictEqual({ kind: "extended", at: until });
    run.beat({ terminal: DONE }, 100);
    run.accepted(jobId, 100);
    expect(at(run, "max-duration")).toBe(until);
  });

  test("of max-duration to less than what stands does not tell people again that it is near", ({
    expect,
  }) => {
    const run = runningRun({
      door: "native",
      policy: makePolicy({ maxDurationMs: 600_000, silenceMs: 600_000, inactivityMs: 600_000 }),
    });
    run.tick(300_000);
    const warned = run.job.warnedOf;
    expect(warned["max-duration"]).toBe(at(run, "max-duration"));
    extend(run, "max-duration", run.now + 1_000);
    expect(run.job.warnedOf).toBe(warned);
    expect(kindsOf(run.tick(1_000).events)).toStrictEqual([]);
  });

  test("of a preview keeps its container", ({ expect }) => {
    const run = agentAtWork();
    run.beat({ terminal: { state: "done", result: { preview: { url: "http://localhost:1" } } } }, 100);
    const until = run.now + 7_200_000;
    const { revision } = run.job;
    expect(extend(run, "preview", until).reply).toStrictEqual({ kind: "extended", at: until });
    // Its view shows another deadline.
    expect(run.job.revision).toBeGreaterThan(revision);
    run.tick(3_600_000);
    expect(run.instance.intent).toBeNull();
    run.tick(3_600_001);
    expect(run.instance.intent?.cause).toBe("idle");
  });

  test("of max-duration has people told again when it is near again", ({ expect }) => {
    const run = agentAtWork();
    extend(run, "inactivity", run.now + 20 * 3_600_000);
    const stay = (untilAt: number): void => {
      while (run.now < untilAt) {
        run.beat({ outputAgeMs: 0, toolAgeMs: 0 }, 30_000);
        run.tick();
      }
    };
    stay((at(run, "max-duration") ?? 0) - 60_000);
    extend(run, "max-duration", run.now + 1_800_000);
    stay(run.now + 1_700_000);
    expect(run.job.notes.filter(({ code }) => code === "max-duration-near")).toHaveLength(2);
    expect(run.job.status).toBe("running");
  });
});

describe("an extension is refused, and changes nothing,", () => {
  function isRefused(taken: Taken): string | null {
    if (taken.reply.kind !== "refused") return null;
    return taken.state === taken.before && taken.events.length === 0 ? taken.reply.refusal.code : "changed";
  }

  test("once the deadline has fired", ({ expect }) => {
    const run = agentAtWork();
    run.tick(4_000_000);
    expect(run.job.stop?.kind).toBe("deadline");
    for (const name of ["inactivity", "tool-silence", "max-duration", "preview"] as const) {
      expect(isRefused(extend(run, name, run.now + 60_000)), name).toBe("already-fired");
    }
  });

  test("of a job that has ended, or is being cancelled", ({ expect }) => {
    const ended = agentAtWork();
    ended.beat({ terminal: DONE }, 100);
    expect(isRefused(extend(ended, "max-duration", ended.now + 60_000))).toBe("already-fired");
    const cancelled = agentAtWork();
    cancelled.cancel(100);
    expect(isRefused(extend(cancelled, "max-duration", cancelled.now + 60_000))).toBe("already-fired");
  });

  test("further than a day ahead, and of the job protocol past the 65 minutes its clients wait", ({
    expect,
  }) => {
    const run = agentAtWork();
    expect(isRefused(extend(run, "max-duration", run.now + 24 * 3_600_000 + 1))).toBe("invalid-request");
    const other = runningRun({ door: "job", policy });
    const latest = other.job.acceptedAt + 65 * 60_000 - 10_000 - 5_000 - 30_000;
    expect(isRefused(extend(other, "max-duration", latest + 1))).toBe("invalid-request");
    expect(extend(other, "max-duration", latest).reply.kind).toBe("extended");
  });

  test("of a job nobody dispatched", ({ expect }) => {
    expect(isRefused(extend(new Run(), "max-duration", 1))).toBe("job-not-found");
    const run = agentAtWork();
    const taken = run.give({ kind: "extend", jobId: "run_1-other", deadline: "inactivity", until: run.now });
    expect(isRefused(taken)).toBe("job-not-found");
  });
});
