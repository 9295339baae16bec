import { test } from "vitest";
import type { Flow, JobContext } from "../../../container/job-context.ts";
import { systemClock } from "../../../container/system.ts";
import { deferred } from "../server/deferred.ts";
import { makeBody, startHarness } from "../server/start-harness.ts";

const untilStopped = ({ stop }: JobContext): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });

test("silent steps do not add up: each has its own time, and none is the agent's silence", async ({
  expect,
}) => {
  const flow: Flow = async (_job, { report, stop }) => {
    for (const phase of ["clone", "infra", "agent", "repair", "saving", "push"]) {
      report.phase(phase);
      if (phase !== "agent") await systemClock.sleep(120, stop);
    }
    return { state: "done", result: { pushed: true } };
  };
  const { post, ended } = await startHarness({ flow, env: { JOB_INACTIVITY_MS: "100" } });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({ state: "done", result: { pushed: true } });
});

test("a watchdog has the last word where the flow took no notice of it, and tells where it fired", async ({
  expect,
}) => {
  const flow: Flow = async (_job, context) => {
    context.report.phase("agent");
    await untilStopped(context);
    context.report.phase("push");
    context.report.toolEnd("bash", "c1", true);
    return {
      state: "done",
      result: { error: "the agent produced no structured result", failureCause: "no-usable-output" },
    };
  };
  const { post, ended } = await startHarness({ flow, env: { JOB_INACTIVITY_MS: "100" } });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({
    state: "failed",
    phase: "failed",
    error: "Aborted: no agent activity for 0s (likely hung in agent phase; no tool had completed yet)",
    failureCause: "inactivity-timeout",
    detail: expect.stringMatching(/^Phase timings: starting=\d+s, agent=\d+s\. no tool had completed yet\.$/),
    result: { error: "the agent produced no structured result" },
  });
});

test("a job that was done before anything stopped it stays done", async ({ expect }) => {
  const ending = deferred<void>();
  const flow: Flow = async (_job, { keep }) => {
    keep(() => ending.promise);
    return { state: "done", result: { pushed: true } };
  };
  const { post, stop, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await ended("j1");
  await stop("j1", { cause: "max-duration", graceMs: 10 });
  ending.resolve();
  expect(await ended("j1")).toMatchObject({ state: "done", result: { pushed: true } });
});

test("what a job keeps gives way to the next job that serves a frontend, and to no other", async ({
  expect,
}) => {
  const closed: string[] = [];
  const flow: Flow = async ({ jobId, mode }, { keep }) => {
    if (mode === "preview") {
      keep(async () => void closed.push(jobId));
      return { state: "done", result: { preview: { url: "http://localhost:4173" } } };
    }
    return { state: "done", result: { summary: `after ${closed.join(" ")}` } };
  };
  const { post, ended } = await startHarness({ flow });
  const infra = { kind: "frontend" };
  await post(makeBody({ jobId: "kept", mode: "preview", infra }));
  expect(await ended("kept")).toMatchObject({ result: { preview: { url: "http://localhost:4173" } } });
  const next = async (jobId: string, body: object): Promise<unknown> => {
    await post(makeBody({ jobId, ...body }));
    return ended(jobId);
  };
  const summary = (text: string) => ({ result: { summary: text } });
  expect(await next("j1", { mode: "coding", infra })).toMatchObject(summary("after "));
  expect(await next("j2", { mode: "explore" })).toMatchObject(summary("after "));
  expect(await ended("kept")).not.toHaveProperty("result.preview.ended");
  expect(await next("j3", { mode: "explore", infra })).toMatchObject(summary("after kept"));
  expect(await ended("kept")).toMatchObject({ result: { preview: { ended: true } } });
});

test("a cancelled job whose work was done all the same stays done", async ({ expect }) => {
  const begun = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.resolve();
    await untilStopped(context);
    return { state: "done", result: { pushed: true } };
  };
  const { post, stop, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await begun.promise;
  await stop("j1", { cause: "cancelled", graceMs: 1_000 });
  expect(await ended("j1")).toMatchObject({ state: "done", result: { pushed: true } });
});

test("a step that the object ends is told as a timeout of that step", async ({ expect }) => {
  const begun = deferred<void>();
  const flow: Flow = async (_job, context) => {
    context.report.phase("clone");
    begun.resolve();
    await untilStopped(context);
    return { state: "failed", error: "git was cancelled", failureCause: "git" };
  };
  const { post, stop, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await begun.promise;
  await stop("j1", { cause: "step-clone", graceMs: 1_000 });
  expect(await ended("j1")).toMatchObject({
    error: "Aborted: the clone step timed out after 600s",
    failureCause: "git",
    detail: expect.stringMatching(/^Phase timings: starting=\d+s, clone=\d+s\. no tool had completed yet\.$/),
  });
});

test("a failed job shows what it had achieved all the same", async ({ expect }) => {
  const result = { pushed: true, branch: "cat/1", summary: "done it" };
  const flow: Flow = async () => ({
    state: "failed",
    error: "Failed to open PR (HTTP 500)",
    failureCause: "api",
    result,
  });
  const { post, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({ state: "failed", failureCause: "api", result });
});
