import { test } from "vitest";
import type { Flow, JobContext } from "../../../container/job-context.ts";
import { startObject } from "../beats/object-server.ts";
import { deferred } from "../server/deferred.ts";
import { INSTANCE, makeBody, makeEnvelope, startHarness } from "../server/start-harness.ts";

const inExecution = { env: { HARNESS_INSTANCE: INSTANCE } };
const withAttempt = (jobId: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> =>
  makeBody({ jobId, holtAttempt: makeEnvelope(more) });

const untilStopped = ({ stop }: JobContext): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });

const whenStopped: Flow = async (_job, context) => {
  context.report.phase("agent");
  await untilStopped(context);
  return { state: "failed", error: "stopped", result: { pushed: true, branch: "cat/1" } };
};

test("an attempt is accepted with beats, and its whole course arrives by them", async ({ expect }) => {
  const object = await startObject();
  const flow: Flow = async (job, { report, limits, baseCommit }) => {
    report.phase("clone");
    report.phase("agent");
    report.toolStart("bash", "c1", `echo ${job.ghToken}`);
    report.toolEnd("bash", "c1", true);
    report.usage({ model: "m", inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 2.4 });
    report.followUp({ kind: "question", title: "Q?", detail: "d" });
    report.note("hint", "beat-key-0123456789");
    expect(limits).toStrictEqual({
      cloneMs: 70_000,
      setupMs: 70_000,
      pushMs: 70_000,
      checkpointMs: 1_000,
      killGraceMs: 200,
      followUpPollMs: 3_000,
      guard: { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 },
    });
    expect(baseCommit).toBe("c0ffee");
    return { state: "done", result: { pushed: true } };
  };
  const { post, get, harness } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  expect(await post(withAttempt("j1", { baseCommit: "c0ffee" }))).toStrictEqual({
    status: 202,
    body: { jobId: "j1", state: "running", beats: true, boot: harness.boot, instance: INSTANCE },
  });
  const { beat, authorization } = await object.first(({ terminal }) => terminal !== undefined);
  expect(authorization).toBe("Bearer beat-key-0123456789");
  expect(beat).toMatchObject({
    jobId: "j1",
    attempt: 1,
    instance: INSTANCE,
    boot: harness.boot,
    terminal: { state: "done", result: { pushed: true } },
  });
  expect(object.object.stored.map(({ kind }) => kind)).toStrictEqual([
    "phase",
    "phase",
    "tool-start",
    "tool-end",
    "usage",
    "follow-up",
    "note",
  ]);
  const told = JSON.stringify(object.seen.map((seen) => seen.beat));
  for (const secret of ["git-token-abcdef", "beat-key-0123456789"]) expect(told).not.toContain(secret);
  const view = (await get("/jobs/j1")).body;
  expect(view).toMatchObject({ attempt: 1, instance: INSTANCE, boot: harness.boot });
  expect(view).not.toHaveProperty("spans");
  expect(view).not.toHaveProperty("followUps");
});

test("outside an execution the attempt field is one nobody knows", async ({ expect }) => {
  const { post } = await startHarness({ flow: async () => ({ state: "done", result: {} }) });
  const { status, body } = await post(withAttempt("j1"));
  expect(status).toBe(202);
  expect(body).not.toHaveProperty("beats");
});

test("an attempt of another instance, or a malformed one, is refused and begins nothing", async ({
  expect,
}) => {
  const { post, get } = await startHarness({ flow: whenStopped, ...inExecution });
  expect(await post(withAttempt("j1", { instance: "instance-0002" }))).toMatchObject({
    status: 409,
    body: { code: "stale-attempt" },
  });
  expect(await post(withAttempt("j1", { attempt: 0 }))).toMatchObject({
    status: 400,
    body: { error: "Invalid job: 'holtAttempt.attempt' is malformed" },
  });
  expect((await get("/jobs/j1")).status).toBe(404);
});

test("the same attempt attaches, a lower one is refused, a higher one takes its place", async ({
  expect,
}) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  const begun: (string | null)[] = [];
  const begins = { two: deferred<void>(), three: deferred<void>() };
  const firstEnds = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.push(context.baseCommit);
    begins[context.baseCommit === "two" ? "two" : "three"].resolve();
    await untilStopped(context);
    if (context.baseCommit === "two") await firstEnds.promise;
    return { state: "failed", error: "stopped" };
  };
  const { post, get } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  const second = withAttempt("j1", { attempt: 2, baseCommit: "two" });
  expect((await post(second)).status).toBe(202);
  expect((await post(second)).status).toBe(202);
  expect(await post(withAttempt("j1", { attempt: 1 }))).toMatchObject({
    status: 409,
    body: { code: "stale-attempt" },
  });
  // A flow begins after its folder is made, which may be later than the first beat; one stopped before never begins.
  await begins.two.promise;
  await object.first(({ attempt }) => attempt === 2);
  expect((await post(withAttempt("j1", { attempt: 3, baseCommit: "three" }))).status).toBe(202);
  await object.first(({ attempt }) => attempt === 3);
  expect(begun).toStrictEqual(["two"]);
  firstEnds.resolve();
  expect((await get("/jobs/j1")).body).toMatchObject({ attempt: 3, state: "running" });
  await begins.three.promise;
  expect(begun).toStrictEqual(["two", "three"]);
  const beats = object.seen.length;
  await object.nth(beats + 2);
  expect(object.seen.slice(beats).every(({ beat }) => beat.attempt === 3)).toBe(true);
});

test("an attempt stopped while it waits for the one before never begins its work", async ({ expect }) => {
  const object = await startObject();
  const firstBegins = deferred<void>();
  const firstEnds = deferred<void>();
  let begun = 0;
  const flow: Flow = async () => {
    begun += 1;
    firstBegins.resolve();
    await firstEnds.promise;
    return { state: "done", result: {} };
  };
  const { post, stop } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(withAttempt("j1"));
  await firstBegins.promise;
  await post(withAttempt("j1", { attempt: 2 }));
  expect((await stop("j1", { cause: "cancelled", graceMs: 5_000 })).status).toBe(202);
  firstEnds.resolve();
  const { beat } = await object.first(({ terminal }) => terminal !== undefined);
  expect(beat).toMatchObject({ attempt: 2, terminal: { state: "failed" } });
  expect(begun).toBe(1);
});

test("a stop in a reply ends the job, and its result travels as evidence", async ({ expect }) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  object.behave = ({ phase }) => ({
    kind: "store",
    directives: phase === "agent" ? [{ kind: "stop", cause: "cancelled", graceMs: 1_000 }] : [],
  });
  const { post } = await startHarness({ flow: whenStopped, ...inExecution, beatUrl: object.url });
  await post(withAttempt("j1"));
  const { beat } = await object.first(({ terminal }) => terminal !== undefined);
  expect(beat.terminal).toMatchObject({
    state: "failed",
    error: expect.stringContaining("Aborted: cancelled (in "),
    result: { pushed: true, branch: "cat/1" },
  });
  expect(beat.terminal).not.toHaveProperty("failureCause");
});

test("a watchdog of the object is told in the object's own limit", async ({ expect }) => {
  const object = await startObject();
  object.behave = ({ phase }) => ({
    kind: "store",
    directives: phase !== "agent" ? [] : [{ kind: "stop", cause: "inactivity-timeout", graceMs: 1_000 }],
  });
  const { post } = await startHarness({ flow: whenStopped, ...inExecution, beatUrl: object.url });
  await post(withAttempt("j1"));
  const { beat } = await object.first(({ terminal }) => terminal !== undefined);
  expect(beat.terminal).toMatchObject({
    error: "Aborted: no agent activity for 60s (likely hung in agent phase; no tool had completed yet)",
    failureCause: "inactivity-timeout",
  });
});

test("the harness's own watchdogs leave the object its margin", async ({ expect }) => {
  const object = await startObject();
  const limits = { ...Object(makeEnvelope()["limits"]), inactivityMs: 50, maxDurationMs: 50, marginMs: 400 };
  const { post } = await startHarness({ flow: whenStopped, ...inExecution, beatUrl: object.url });
  const before = performance.now();
  await post(withAttempt("j1", { limits }));
  const { beat } = await object.first(({ terminal }) => terminal !== undefined);
  expect(performance.now() - before).toBeGreaterThanOrEqual(445);
  expect(beat.terminal).toMatchObject({ failureCause: "max-duration" });
});

test("more time that the object grants moves the harness's own watchdog too", async ({ expect }) => {
  const object = await startObject();
  object.nextBeatMs = 20;
  const limits = {
    ...Object(makeEnvelope()["limits"]),
    inactivityMs: 100,
    maxDurationMs: 60_000,
    marginMs: 0,
  };
  const until = Date.now() + 600;
  object.behave = () => ({ kind: "store", directives: [{ kind: "extend", deadline: "inactivity", until }] });
  const { post } = await startHarness({ flow: whenStopped, ...inExecution, beatUrl: object.url });
  await post(withAttempt("j1", { limits }));
  const { beat } = await object.first(({ terminal }) => terminal !== undefined);
  expect(beat.terminal).toMatchObject({ failureCause: "inactivity-timeout" });
  expect(beat.sentAt).toBeGreaterThanOrEqual(until);
});

test("invariant 5: an attempt that was replaced elsewhere publishes nothing, and the harness exits", async ({
  expect,
}) => {
  const object = await startObject();
  object.behave = ({ phase }) =>
    phase === "agent"
      ? { kind: "answer", status: 409, body: { error: "old", code: "stale-attempt" } }
      : { kind: "store" };
  const seen = deferred<{ readonly stop: unknown; readonly noPush: boolean }>();
  const flow: Flow = async (_job, context) => {
    context.report.phase("agent");
    await untilStopped(context);
    seen.resolve({ stop: context.stop.reason, noPush: context.noPush.aborted });
    return { state: "failed", error: "fenced" };
  };
  const { post, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(withAttempt("j1"));
  expect(await seen.promise).toStrictEqual({ stop: { kind: "fenced" }, noPush: true });
  expect(await exited).toBe(75);
  expect(object.seen.every(({ beat }) => beat.terminal === undefined)).toBe(true);
});
