import { describe, test } from "vitest";
import type { DeadlineName, DeadlineView } from "../../../shared/job-view.ts";
import { resolvePolicy } from "../../../shared/policy.ts";
import { budgetsOf, limitsOf } from "../../../worker/ui/execution/limits/limits.ts";
import { standing } from "../../../worker/ui/execution/limits/standing.ts";
import { t0 } from "./build.ts";

const resolved = resolvePolicy({});
if (!resolved.ok) throw new Error(resolved.error);
const { policy } = resolved;

function deadline(name: DeadlineName, atMs: number): DeadlineView {
  return { name, at: t0 + atMs, remainingMs: atMs, extendable: false, why: "" };
}

describe("the deadlines that stand", () => {
  const deadlines = [
    deadline("max-duration", 900),
    deadline("tick", 10),
    deadline("warning", 600),
    deadline("silence", 20),
    deadline("inactivity", 300),
    deadline("cold-start", 50),
  ];

  test("come by time, without the object's own upkeep, and one of them is the next to stop the job", ({
    expect,
  }) => {
    const found = standing({ state: "running", status: "running", deadlines });
    expect(found.map(({ name }) => name)).toEqual(["silence", "cold-start", "inactivity", "max-duration"]);
    expect(found.filter(({ isNext }) => isNext).map(({ name }) => name)).toEqual(["inactivity"]);
  });

  test("of a job that waits behind another stop that one; its own end is that of its patience", ({
    expect,
  }) => {
    const waiting = { state: "running", status: "queued" } as const;
    expect(standing({ ...waiting, deadlines }).filter(({ isNext }) => isNext)).toEqual([]);
    const found = standing({ ...waiting, deadlines: [...deadlines, deadline("queued", 800)] });
    expect(found.filter(({ isNext }) => isNext).map(({ name }) => name)).toEqual(["queued"]);
  });

  test("of an ended job stop nothing", ({ expect }) => {
    const found = standing({ state: "done", status: "done", deadlines: [deadline("retention", 9)] });
    expect(found).toMatchObject([{ name: "retention", isNext: false }]);
  });
});

describe("what is left of a limit", () => {
  const phase = (name: string, fromMs: number, toMs: number) => ({
    name,
    fromMs: t0 + fromMs,
    toMs: t0 + toMs,
    isOpen: false,
  });
  const limits = limitsOf(
    {
      phase: "clone",
      policy,
      deadlines: [deadline("max-duration", 900), deadline("step", 70), deadline("silence", 20)],
    },
    { phases: [phase("queued", 0, 40), phase("starting", 40, 60), phase("clone", 60, 100)] },
    t0 + 15,
  );
  const of = (key: string) => limits.find((limit) => limit.key === key);

  test("is the time to its deadline by the server's clock", ({ expect }) => {
    expect(of("silenceMs")).toEqual({ key: "silenceMs", limitMs: 45_000, usedMs: null, remainingMs: 5 });
  });

  test("of a step is told of the one that is under way", ({ expect }) => {
    expect(["cloneMs", "setupMs", "pushMs"].map((key) => of(key)?.remainingMs)).toEqual([55, null, null]);
  });

  test("of max-duration leaves out the time of waiting", ({ expect }) => {
    expect(of("maxDurationMs")).toMatchObject({ usedMs: 60, remainingMs: 885 });
  });

  test("that does not stand is nothing", ({ expect }) => {
    expect(of("inactivityMs")?.remainingMs).toBeNull();
  });
});

test("a budget counts the recoveries of its kind", ({ expect }) => {
  const recovery = { at: t0, attempt: 1, why: "" };
  const recoveries = [
    { ...recovery, evicted: "transient" as const },
    { ...recovery, evicted: "transient" as const },
  ];
  expect(budgetsOf({ policy, recoveries })).toEqual([
    { kind: "crash", used: 0, of: 1 },
    { kind: "transient", used: 2, of: 5 },
  ]);
});
