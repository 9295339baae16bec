import { test } from "vitest";
import { Status } from "../../shared/job-view.ts";
import { isAtWork, stepLimitMs } from "../../shared/steps.ts";

const limits = { cloneMs: 1, setupMs: 2, pushMs: 3 };

test("each step of the harness has its limit", ({ expect }) => {
  const rows = { clone: 1, dependencies: 2, infra: 2, serve: 2, repair: 2, push: 3 };
  for (const [phase, limitMs] of Object.entries(rows))
    expect(stepLimitMs(phase, limits), phase).toBe(limitMs);
});

test("the agent's own work, and a phase nobody knows, have none", ({ expect }) => {
  for (const phase of ["agent", "starting", "queued", "done", "", "Clone"]) {
    expect(stepLimitMs(phase, limits), phase).toBeNull();
  }
});

test("max-duration runs while a job starts, runs or recovers, and at no other time", ({ expect }) => {
  expect(Status.options.filter((status) => isAtWork(status))).toStrictEqual([
    "starting",
    "running",
    "recovering",
  ]);
});
