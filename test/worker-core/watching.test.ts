import { describe, test } from "vitest";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { makePolicy, makeToolEnd } from "./build.ts";
import { kindsOf, type Run, runningRun } from "./run.ts";

const policy = makePolicy({
  silenceMs: 30_000,
  inactivityMs: 60_000,
  toolSilenceMs: 120_000,
  coldStartMs: 20_000,
});

/** An agent that began to work at this moment; the harness beats for as long as `beatsMs`. */
function working(): Run {
  const run = runningRun({ policy });
  run.beat({ phase: "agent" }, 100);
  return run;
}

/** Beats every five seconds with these ages at the first of them, growing. */
function beatFor(run: Run, ms: number, signs: { readonly output: boolean; readonly tool?: boolean }): void {
  const from = run.now;
  while (run.now - from < ms) {
    run.beat({ outputAgeMs: signs.output ? 0 : null, toolAgeMs: signs.tool === true ? 0 : null }, 5_000);
    run.tick();
  }
}

function at(run: Run, name: string): number | null {
  return deadlines(run.it).find((each) => each.name === name)?.at ?? null;
}

describe("an agent without output", () => {
  test("is stopped at the inactivity limit although its harness beats, with what was seen and for how long", ({
    expect,
  }) => {
    const run = working();
    beatFor(run, 60_000, { output: false });
    expect(run.job).toMatchObject({
      status: "stopping",
      stop: { kind: "deadline", cause: "inactivity-timeout" },
    });
    expect(run.effects).toContainEqual(
      expect.objectContaining({ kind: "tell-stop", cause: "inactivity-timeout" }),
    );
    const verdict = run.events.find(({ kind }) => kind === "verdict");
    expect(verdict?.body).toMatchObject({ cause: "inactivity-timeout", limitMs: 60_000, observedMs: 60_000 });
    expect(run.job.stop?.evidence[1]?.text).toMatch(
      /^observed 60s, allowed 60s; last beat .* last output never/,
    );
    run.beat({ terminal: { state: "failed", error: "stopped", detail: "hung in a read" } }, 100);
    expect(run.job.end).toMatchObject({
      failureCause: "inactivity-timeout",
      detail: "hung in a read",
      outcome: { code: "inactivity-timeout" },
    });
    expect(run.job.end?.error).toMatch(/^Aborted: no agent activity for 60s/);
  });

  test("of a phase that has a limit of its own is that limit's", ({ expect }) => {
    const run = runningRun({ policy });
    run.beat({ phase: "clone" }, 100);
    expect(at(run, "inactivity")).toBeNull();
    expect(at(run, "step")).not.toBeNull();
  });

  test("is told of once, after the cold-start time, and not stopped for it", ({ expect }) => {
    const run = working();
    beatFor(run, 40_000, { output: false });
    expect(run.job.notes.filter(({ code }) => code === "agent-cold")).toHaveLength(1);
    expect(run.job.status).toBe("running");
  });

  test("that has printed is not cold", ({ expect }) => {
    const run = working();
    run.beat({ outputAgeMs: 0 }, 1_000);
    expect(at(run, "cold-start")).toBeNull();
  });

  const clocks = [
    { name: "50 millionths slow", ageOf: (ms: number) => Math.floor(ms * 0.99995) },
    { name: "a millisecond slower at each beat", ageOf: (ms: number) => ms - Math.floor(ms / 10_000) },
    { name: "that jitters", ageOf: (ms: number) => ms + ((ms / 10_000) % 3) * 7 - 7 },
  ];
  for (const { name, ageOf } of clocks) {
    test(`is stopped at its limit and told of once before, also by a clock ${name}`, ({ expect }) => {
      const run = runningRun();
      run.beat({ outputAgeMs: 0 }, 1_000);
      const since = run.now;
      while (run.job.stop === null && run.now < since + 1_200_000) {
        run.beat({ outputAgeMs: Math.max(0, ageOf(run.now + 10_000 - since)) }, 10_000);
        const stop = at(run, "inactivity") ?? Number.POSITIVE_INFINITY;
        run.tick(Math.min(9_000, Math.max(0, stop - run.now)));
      }
      expect(run.job.stop?.cause).toBe("inactivity-timeout");
      expect(run.now - since).toBeLessThan(601_500);
      expect(run.job.notes.filter(({ code }) => code === "inactivity-near")).toHaveLength(1);
    });
  }
});

describe("an agent that prints", () => {
  test("and finishes no tool is stopped at the tool-silence limit", ({ expect }) => {
    const run = working();
    run.beat({ events: [makeToolEnd(1)], toolAgeMs: 0, outputAgeMs: 0 }, 1_000);
    beatFor(run, 120_000, { output: true });
    expect(run.job.stop).toMatchObject({ cause: "no-tool-progress" });
    run.exited(143, 100);
    run.tick(5_000);
    expect(run.job.end).toMatchObject({
      failureCause: "no-tool-progress",
      outcome: { code: "no-tool-progress" },
    });
    expect(run.job.end?.error).toMatch(/finished no tool call for 120s .*last completed tool bash/);
  });

  test("and finishes tools goes on past both limits", ({ expect }) => {
    const run = working();
    beatFor(run, 300_000, { output: true, tool: true });
    expect(run.job.status).toBe("running");
  });

  test("a beat without output moves neither limit", ({ expect }) => {
    const run = working();
    run.beat({ outputAgeMs: 0, toolAgeMs: 0 }, 1_000);
    const before = at(run, "inactivity");
    run.beat({ outputAgeMs: 5_000, toolAgeMs: 5_000 }, 5_000);
    expect(at(run, "inactivity")).toBe(before);
  });
});

describe("an observer that was asleep", () => {
  test("does not convict: the lateness extends the limit, once for the same silence, and one interval more", ({
    expect,
  }) => {
    const run = working();
    run.beat({ outputAgeMs: 0 }, 1_000);
    const inactive = at(run, "inactivity") ?? 0;
    for (const frozenMs of [60_000, 600_000]) {
      const asleep = structuredClone(run.it);
      run.tick(inactive - run.now + frozenMs);
      expect(run.job.stop, `${frozenMs}`).toBeNull();
      expect(at(run, "inactivity")).toBeGreaterThanOrEqual(inactive + frozenMs);
      run.state = asleep;
      run.now = inactive - 60_000;
    }
    run.tick(120_000);
    run.beat({ outputAgeMs: 121_000 }, 1_000);
    run.tick(600_000);
    // Beats that may be on their way come first. They tell of no output, and of no tool.
    expect(run.job.stop).toBeNull();
    beatFor(run, 1_200_000, { output: false });
    expect(["inactivity-timeout", "no-tool-progress"]).toContain(run.job.stop?.cause);
  });

  test("that finds output in a retried beat goes on as if it had been awake", ({ expect }) => {
    const run = working();
    run.tick(600_000);
    run.beat({ outputAgeMs: 1_000 }, 100);
    run.tick(50_000);
    expect(run.job.status).toBe("running");
    expect(kindsOf(run.effects)).not.toContain("tell-stop");
  });

  test("does not convict at a limit that passes before retried beats have had their time", ({ expect }) => {
    const run = working();
    run.beat({ outputAgeMs: 0 }, 100);
    // Awake again a second before the limit, after half a minute in which nobody looked.
    run.tick(59_000);
    run.tick(1_000);
    expect(run.job.stop).toBeNull();
    run.beat({ outputAgeMs: 0 }, 3_000);
    run.tick(55_000);
    expect(run.job.stop).toBeNull();
  });

  test("is forgiven for nothing that rests on no evidence: the time of the whole", ({ expect }) => {
    const whole = runningRun();
    whole.beat({ phase: "agent" }, 100);
    whole.tick(30_000_000);
    expect(whole.job.stop?.cause).toBe("max-duration");
  });
});
