import { beforeAll, describe, test } from "vitest";
import { printViolation } from "./report.ts";
import { type Simulated, simulate } from "./run.ts";

/** The same histories in every run, so that a red one stays red; `npm run simulate` explores others. */
const SEED = 20_990_101;
const RUNS = 20_000;

let simulated: Simulated;

beforeAll(() => {
  simulated = simulate({ runs: RUNS, seed: SEED });
  if (simulated.violation !== null) printViolation(simulated.violation);
}, 600_000);

/** The promise of this name that a history broke, in words. */
function broken(promise: string): string | null {
  const { violation } = simulated;
  return violation?.promise === promise ? violation.text : null;
}

describe(`in ${RUNS} histories of seed ${SEED}`, () => {
  test("no step breaks a promise", ({ expect }) => {
    expect(simulated.violation?.text ?? null).toBeNull();
    expect(simulated.runs).toBe(RUNS);
  });

  test("every status meets every input, and every deadline, outcome and fault occurs", ({ expect }) => {
    expect(simulated.never).toStrictEqual([]);
  });

  test("invariant 1: a job has one outcome per round, and it never changes", ({ expect }) => {
    expect(broken("invariant 1")).toBeNull();
  });

  test("invariant 2: revisions and cursors only grow, cursors by one", ({ expect }) => {
    expect(broken("invariant 2")).toBeNull();
  });

  test("a view of a job differs only where its revision does", ({ expect }) => {
    expect(broken("one tag, one view")).toBeNull();
  });

  test("invariant 3: at most one container lives, and none is given up alive", ({ expect }) => {
    expect(broken("invariant 3")).toBeNull();
  });

  test("invariant 4: an acknowledged event is stored once, and a loss is told of", ({ expect }) => {
    expect(broken("invariant 4")).toBeNull();
  });

  test("invariant 5: what a replaced attempt or instance says changes nothing", ({ expect }) => {
    expect(broken("invariant 5")).toBeNull();
  });

  test("invariant 6: nobody is lost who answers, and verdicts name what was seen", ({ expect }) => {
    expect(broken("invariant 6")).toBeNull();
  });

  test("invariant 7: a death is recorded within a tick", ({ expect }) => {
    expect(broken("invariant 7")).toBeNull();
  });

  test("invariant 8: what is not over has a deadline and an armed alarm", ({ expect }) => {
    expect(broken("invariant 8")).toBeNull();
  });

  test("invariant 9: no container outlives its use", ({ expect }) => {
    expect(broken("invariant 9")).toBeNull();
  });

  test("invariant 11: a repeated dispatch begins nothing", ({ expect }) => {
    expect(broken("invariant 11")).toBeNull();
  });

  test("invariant 13: max-duration counts work by the object's clock, and an extension moves one deadline", ({
    expect,
  }) => {
    expect(broken("invariant 13")).toBeNull();
  });

  test("invariant 14: the row of a job and every event keep their bounds", ({ expect }) => {
    expect(broken("invariant 14")).toBeNull();
  });

  test("invariant 15: what was stored is read as it was, with fields of a later version", ({ expect }) => {
    expect(broken("invariant 15")).toBeNull();
  });

  test("invariant 16: a cancel wins, forbids every start, and ends with proof or says that there is none", ({
    expect,
  }) => {
    expect(broken("invariant 16")).toBeNull();
  });
});
