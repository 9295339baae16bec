import { test } from "vitest";
import { Errors } from "../../shared/errors.ts";
import { DeadlineName, ExecutionView, JobView, Status } from "../../shared/job-view.ts";
import { OutcomeCode } from "../../shared/outcomes.ts";
import { FailureCause } from "../../shared/job-result.ts";
import { readFixture } from "./fixtures.ts";

test("the original harness's fields stand in every view under their own names and types", ({ expect }) => {
  const running = readFixture("job-view-running");
  for (const name of ["id", "state", "startedAt", "heartbeatAt", "phase"])
    expect(running).toHaveProperty(name);
  for (const name of ["progress", "spans", "followUps"]) expect(running).toHaveProperty(name);
  expect(readFixture("job-view-done")).toMatchObject({ state: "done", result: { pushed: true } });
  expect(readFixture("job-view-evicted")).toMatchObject({ state: "failed", error: expect.any(String) });
});

test("a view that is none is refused", ({ expect }) => {
  const view = readFixture("job-view-running");
  const wrong = [
    { ...view, state: "cancelled" },
    { ...view, status: "healing" },
    { ...view, round: 0 },
    { ...view, evicted: "oom" },
    { ...view, harnessShutdown: false },
    { ...view, startedAt: "2099-01-01T00:00:00Z" },
    { ...view, deadlines: [{ name: "doom", at: 1, remainingMs: 1, extendable: false, why: "w" }] },
    { ...view, exit: { code: 0 } },
  ];
  for (const each of wrong) expect(JobView.safeParse(each).success).toBe(false);
});

test("an exit nobody saw has a code of null, never an invented one", ({ expect }) => {
  const exit = { code: null, cause: "vanished", by: "object", at: 1 };
  expect(JobView.safeParse({ ...readFixture("job-view-evicted"), exit }).success).toBe(true);
});

test("the closed lists clients switch on are what they were in version 1", ({ expect }) => {
  expect(Status.options.join(" ")).toBe(
    "queued starting running recovering stopping done failed cancelled evicted",
  );
  expect(FailureCause.options.join(" ")).toBe(
    "inactivity-timeout max-duration agent git api no-usable-output no-changes no-tool-progress branch-contended",
  );
  expect(OutcomeCode.options).toEqual(
    expect.arrayContaining(["evicted-crash", "evicted-transient", "stop-unproven"]),
  );
  expect(DeadlineName.options).toEqual(
    expect.arrayContaining(["silence", "step", "max-duration", "idle", "retention"]),
  );
  expect(Object.keys(Errors)).toEqual(
    expect.arrayContaining(["stale-attempt", "already-finished", "job-not-found"]),
  );
});

test("an execution's view carries whole job views", ({ expect }) => {
  const view = ExecutionView.parse(readFixture("execution-view"));
  expect(view.jobs.map(({ id, status }) => [id, status])).toStrictEqual([["run_1-code", "done"]]);
});
