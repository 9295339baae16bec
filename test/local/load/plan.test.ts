import { test } from "vitest";
import { beyondReach, common, fates } from "../../../local/load/fates.ts";
import { MAX_LOAD, planLoad, slotsFor } from "../../../local/load/plan.ts";
import { ExecutionId, executionOf } from "../../../shared/ids.ts";
import { Outcomes } from "../../../shared/outcomes.ts";
import { Status } from "../../../shared/job-view.ts";
import { resolvePolicy } from "../../../shared/policy.ts";

test("every outcome is a fate's, or is said to be beyond reach", ({ expect }) => {
  const reached = fates.flatMap(({ comesTo }) => (comesTo.kind === "ends" ? [comesTo.code] : []));
  const told = [...new Set([...reached, ...Object.keys(beyondReach)])];
  expect(told.toSorted()).toEqual(Object.keys(Outcomes).toSorted());
  expect(reached.filter((code) => Object.hasOwn(beyondReach, code))).toEqual([]);
});

test("every status in which a job lives is a fate that stays", ({ expect }) => {
  const said = fates.flatMap(({ comesTo }) =>
    comesTo.kind === "stays" ? [comesTo.as.split(/[ ,]/)[0]] : [],
  );
  const live = Status.options.filter(
    (status) => !["done", "failed", "cancelled", "evicted"].includes(status),
  );
  expect(new Set(said)).toEqual(new Set(live));
});

test("names are there once, what is common exists, and every policy can be dispatched", ({ expect }) => {
  const names = fates.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(common.filter((name) => !names.includes(name))).toEqual([]);
  expect(fates.filter(({ policy = {} }) => !resolvePolicy(policy).ok)).toEqual([]);
});

test("a load of any size is the same each time, and its names are its own", async ({ expect }) => {
  for (const count of [1, 2, 7, fates.length, 50, MAX_LOAD]) {
    const jobs = planLoad(count, "x1");
    expect(planLoad(count, "x1")).toEqual(jobs);
    expect(jobs).toHaveLength(count);
    for (const name of ["jobId", "ticket", "branch"] as const) {
      expect(new Set(jobs.map((job) => job[name])).size, name).toBe(count);
    }
    for (const { executionId, jobId } of jobs) {
      expect(ExecutionId.safeParse(executionId).success).toBe(true);
      expect(await executionOf(jobId, () => Promise.reject(new Error("it is no name")))).toBe(executionId);
    }
    const others = new Set(planLoad(count, "x2").map(({ executionId }) => executionId));
    expect(jobs.filter(({ executionId }) => others.has(executionId))).toEqual([]);
  }
});

test("a load that shows every fate has all of them, and one of fifty too", ({ expect }) => {
  for (const count of [fates.length, 50]) {
    const shown = new Set(planLoad(count, "x").map(({ fate }) => fate));
    expect(fates.filter((fate) => !shown.has(fate))).toEqual([]);
  }
});

test("what keeps its slot never keeps the others from theirs, and the line is full at the end", ({
  expect,
}) => {
  for (const count of [1, 10, fates.length, 50, MAX_LOAD]) {
    const jobs = planLoad(count, "x");
    const slots = slotsFor(jobs);
    const keeps = jobs.map(({ fate: { comesTo } }) => comesTo.kind === "stays" && comesTo.holdsSlot);
    const last = jobs.findLastIndex(
      ({ fate: { comesTo, policy } }) => comesTo.kind === "ends" && policy?.queuedMs === undefined,
    );
    expect(keeps.slice(0, last).filter(Boolean).length).toBeLessThan(slots);
    const waits = jobs.some(({ fate }) => fate.name === "in-line");
    if (waits) expect(keeps.filter(Boolean)).toHaveLength(slots);
  }
});

test("a job behind another is in its execution, and dispatched after it", ({ expect }) => {
  const jobs = planLoad(fates.length, "x");
  const at = jobs.findIndex(({ fate }) => fate.behind !== undefined);
  const behind = jobs[at];
  const ahead = jobs.findIndex(({ fate }) => fate.name === behind?.fate.behind);
  expect(jobs[ahead]?.executionId).toBe(behind?.executionId);
  expect(ahead).toBeLessThan(at);
  expect(ahead).toBeGreaterThanOrEqual(0);
});
