import { describe, test } from "vitest";
import { DONE, JOB, makePolicy } from "./build.ts";
import { kindsOf, Run } from "./run.ts";

const place = { kind: "waiting", position: 3, live: 20, max: 20 } as const;

function waiting(): Run {
  const run = new Run();
  run.grants = false;
  run.dispatch({ policy: makePolicy({ queuedMs: 600_000 }) });
  return run;
}

describe("before a start", () => {
  test("a slot is asked for, and nothing is started before it is granted", ({ expect }) => {
    const run = waiting();
    expect(kindsOf(run.effects)).toStrictEqual(["ask-slot"]);
    expect(run.it).toMatchObject({ instance: null, slot: { kind: "waiting" } });
    const { effects } = run.give({ kind: "slot", answer: { kind: "granted" } });
    expect(effects).toStrictEqual([{ kind: "start", instance: run.instance.id }]);
    expect(run.job.status).toBe("starting");
  });

  test("the place in the line is shown, and asked for again every thirty seconds", ({ expect }) => {
    const run = waiting();
    run.give({ kind: "slot", answer: place });
    expect(run.it.slot).toMatchObject({ place: { position: 3, live: 20, max: 20 } });
    expect(run.job).toMatchObject({ status: "queued", phase: "waiting for a slot" });
    expect(run.tick(29_999).effects).toStrictEqual([]);
    expect(kindsOf(run.tick(1).effects)).toStrictEqual(["ask-slot"]);
  });

  test("a hint that the line has moved asks at once", ({ expect }) => {
    const run = waiting();
    run.give({ kind: "slot", answer: place });
    expect(kindsOf(run.give({ kind: "slot-hint" }, 10).effects)).toStrictEqual(["ask-slot"]);
  });

  test("a line that cannot be reached is asked again after five seconds, and starts nothing", ({
    expect,
  }) => {
    const run = waiting();
    run.give({ kind: "slot", answer: { kind: "unreachable", text: "no route" } });
    expect(run.it.instance).toBeNull();
    expect(kindsOf(run.tick(5_000).effects)).toStrictEqual(["ask-slot"]);
  });

  test("a wait that lasts too long fails with the place it had come to", ({ expect }) => {
    const run = waiting();
    for (let waited = 0; waited < 600_000; waited += 30_000) {
      run.give({ kind: "slot", answer: place });
      run.tick(30_000);
    }
    expect(run.job).toMatchObject({ status: "failed", end: { outcome: { code: "capacity" } } });
    expect(run.job.end?.error).toContain("place 3 in the line");
    expect(kindsOf(run.effects).at(-1)).toBe("give-slot");
  });
});

describe("a slot", () => {
  test("is kept while a container lives, and given back with its end", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.started(100);
    run.ready(100);
    run.accepted();
    expect(kindsOf(run.tick(30_000).effects)).toContain("renew-slot");
    run.beat({ terminal: DONE }, 100);
    run.tick(60_000);
    expect(run.it.slot.kind).toBe("held");
    expect(kindsOf(run.dead(100).effects)).toContain("give-slot");
    expect(run.it.slot.kind).toBe("none");
  });

  test("that is granted to a job cancelled meanwhile is given back, and starts nothing", ({ expect }) => {
    const run = waiting();
    run.cancel(10);
    expect(run.it.slot.kind).toBe("none");
    const { before, state, effects } = run.give({ kind: "slot", answer: { kind: "granted" } });
    expect(state).toBe(before);
    expect(effects).toStrictEqual([]);
    expect(run.job.status).toBe("cancelled");
  });

  test("is renewed before each further try for capacity, since nothing ticks meanwhile", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ queuedMs: 3_600_000 }) });
    run.startFailed("no-capacity", 100);
    expect(kindsOf(run.tick(5_000).effects)).toStrictEqual(["renew-slot", "start"]);
  });

  test("is asked for and renewed often enough to keep it, whatever the scale", ({ expect }) => {
    const slow = makePolicy({ scale: 10 });
    const run = new Run();
    run.grants = false;
    run.dispatch({ policy: slow });
    expect(kindsOf(run.tick(30_000).effects)).toStrictEqual(["ask-slot"]);
    run.give({ kind: "slot", answer: { kind: "granted" } });
    run.started(100);
    expect(kindsOf(run.tick(30_000).effects)).toContain("renew-slot");
  });

  test("is kept from one attempt to the next", ({ expect }) => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ recovery: "heal" }) });
    run.started(100);
    run.ready(100);
    run.accepted();
    run.exited(143, 100);
    run.tick(5_000);
    expect(run.jobOf(JOB).status).toBe("starting");
    expect(kindsOf(run.effects)).not.toContain("give-slot");
  });
});
