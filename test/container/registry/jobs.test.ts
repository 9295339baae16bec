import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "vitest";
import type { Flow, JobContext } from "../../../container/job-context.ts";
import { systemClock } from "../../../container/system.ts";
import { Limits } from "../../../shared/limits.ts";
import { deferred } from "../server/deferred.ts";
import { makeBody, startHarness } from "../server/start-harness.ts";

/** Ends when it is stopped, like a flow that does as it is told. */
const untilStopped = ({ stop }: JobContext): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });

test("a view tells phases, activity, progress, spans and follow-ups, the last two once", async ({
  expect,
}) => {
  const reported = deferred<void>();
  const goOn = deferred<void>();
  const flow: Flow = async (_job, { report }) => {
    report.phase("clone");
    report.phase("agent");
    report.output("agent", "hello");
    report.toolStart("bash", "c1", "ls");
    report.toolEnd("bash", "c1", false);
    report.progress({ completed: 1, inProgress: 0, total: 2, items: [{ label: "a", status: "completed" }] });
    report.followUp({ kind: "question", title: "Q?", detail: "d" });
    reported.resolve();
    await goOn.promise;
    return { state: "done", result: { pushed: true } };
  };
  const { post, get, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await reported.promise;
  const first = await get("/jobs/j1");
  expect(first.body).toMatchObject({
    id: "j1",
    state: "running",
    phase: "agent",
    progress: { completed: 1, inProgress: 0, total: 2, items: [{ label: "a", status: "completed" }] },
    spans: [{ tool: "bash", ok: false, seq: 1 }],
    followUps: [{ kind: "question", title: "Q?", detail: "d" }],
  });
  const second = await get("/jobs/j1");
  expect(second.body).not.toHaveProperty("spans");
  expect(second.body).not.toHaveProperty("followUps");
  goOn.resolve();
  const view = await ended("j1");
  expect(view).toMatchObject({
    state: "done",
    phase: "done",
    result: { pushed: true },
    progress: { total: 2 },
  });
  expect(view).not.toHaveProperty("error");
});

test("what a flow notes stands in the log, redacted, also where no object is told", async ({ expect }) => {
  const flow: Flow = async (_job, { report }) => {
    report.note("untracked-files", "1 untracked files were not pushed: session-token-123456.txt");
    return { state: "done", result: {} };
  };
  const { post, ended, logLines } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await ended("j1");
  expect(logLines.map((line): unknown => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      level: "warn",
      event: "job.note",
      jobId: "j1",
      repo: "octo/app",
      branch: "main",
      code: "untracked-files",
      text: "1 untracked files were not pushed: ***.txt",
    }),
  );
});

test("a flow that throws ends the job with the agent to blame, its phases told", async ({ expect }) => {
  const flow: Flow = async (_job, { report }) => {
    report.phase("clone");
    report.phase("agent");
    throw new Error("pi exited with code 3");
  };
  const { post, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({
    state: "failed",
    phase: "failed",
    error: "pi exited with code 3",
    failureCause: "agent",
    detail:
      "Phase timings: starting=0s, clone=0s, agent=0s. Failed in agent phase; no tool had completed yet.",
  });
});

test("a job that failed in meaning is done, its cause beside the result", async ({ expect }) => {
  const flow: Flow = async () => ({
    state: "done",
    result: { pushed: false, error: "the agent produced no file changes.", failureCause: "no-changes" },
  });
  const { post, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({ state: "done", failureCause: "no-changes" });
});

test("a silent agent is stopped by its own harness, and the text says where it hung", async ({ expect }) => {
  const flow: Flow = async (_job, context) => {
    context.report.phase("agent");
    await untilStopped(context);
    return { state: "failed", error: "agent run aborted", failureCause: "agent", result: { pushed: true } };
  };
  const { post, ended } = await startHarness({ flow, env: { JOB_INACTIVITY_MS: "100" } });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({
    state: "failed",
    failureCause: "inactivity-timeout",
    error: "Aborted: no agent activity for 0s (likely hung in agent phase; no tool had completed yet)",
    detail: "Phase timings: starting=0s, agent=0s. no tool had completed yet.",
  });
});

test("an agent that is heard of is not stopped for silence, but its time has an end", async ({ expect }) => {
  const flow: Flow = async (_job, context) => {
    context.report.phase("agent");
    const beat = setInterval(() => context.report.activity(), 20);
    await untilStopped(context);
    clearInterval(beat);
    return { state: "failed", error: "agent run aborted" };
  };
  const env = { JOB_INACTIVITY_MS: "200", JOB_MAX_DURATION_MS: "600" };
  const { post, ended } = await startHarness({ flow, env });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({
    failureCause: "max-duration",
    error: "Aborted: exceeded max duration of 1s",
  });
});

test("a long clone is no silent agent", async ({ expect }) => {
  const flow: Flow = async (_job, context) => {
    context.report.phase("clone");
    await untilStopped(context);
    return { state: "failed", error: "stopped" };
  };
  const env = { JOB_INACTIVITY_MS: "50", JOB_MAX_DURATION_MS: "400" };
  const { post, ended } = await startHarness({ flow, env });
  await post(makeBody({ jobId: "j1" }));
  expect(await ended("j1")).toMatchObject({ failureCause: "max-duration" });
});

test("two jobs in turn have folders of their own, private and gone with the job", async ({ expect }) => {
  const folders: string[] = [];
  const flow: Flow = async (_job, { folder }) => {
    folders.push(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toStrictEqual([]);
    const locked = join(folder, "home", "locked");
    await mkdir(locked, { recursive: true });
    await writeFile(join(locked, "left"), "by the first job");
    await chmod(locked, 0o500);
    return { state: "done", result: {} };
  };
  const { post, ended, tmpDir } = await startHarness({ flow });
  for (const jobId of ["j1", "j2"]) {
    await post(makeBody({ jobId }));
    expect(await ended(jobId)).toMatchObject({ state: "done" });
    expect(await readdir(tmpDir)).toStrictEqual([]);
  }
  expect(new Set(folders).size).toBe(2);
  for (const folder of folders) expect(folder.startsWith(join(tmpDir, "holt-job-"))).toBe(true);
});

test("invariant 10: the secrets of a job are in no view, no event and no line of the log", async ({
  expect,
}) => {
  const secret = "glsecret-0123456789abcdef";
  const flow: Flow = async (job, { report, redact }) => {
    report.phase("agent");
    report.followUp({ kind: "follow_up", title: `Rotate ${job.ghToken}`, detail: secret });
    report.progress({
      completed: 0,
      inProgress: 1,
      total: 1,
      items: [{ label: secret, status: "in_progress" }],
    });
    report.toolStart(`tool ${secret}`, "c1", secret);
    report.toolEnd(`tool ${secret}`, "c1", true);
    expect(redact(`token ${secret}`)).not.toContain(secret);
    if (job.jobId === "j1")
      throw new Error(`fatal: ${encodeURIComponent(secret)} ${Buffer.from(secret).toString("base64")}`);
    return {
      state: "done",
      result: { summary: `used ${secret}`, branch: "cat/1", custom: { nested: [secret] } },
    };
  };
  const { post, get, logLines } = await startHarness({ flow, env: { HARNESS_INSTANCE: "instance-0001" } });
  const key = { "x-harness-secret": "control-key-of-this-boot" };
  const texts: string[] = [];
  for (const jobId of ["j1", "j2"]) {
    await post(makeBody({ jobId, ghToken: secret }), key);
    for (let text = ""; !text.includes('"state":"done"') && !text.includes('"state":"failed"');) {
      text = JSON.stringify((await get(`/jobs/${jobId}`, key)).body);
      texts.push(text);
    }
  }
  const all = [...texts, ...logLines].join("\n");
  expect(all).toContain("fatal:");
  expect(all).toContain('"branch":"cat/1"');
  for (const value of [
    secret,
    Buffer.from(secret).toString("base64"),
    "session-token-123456",
    key["x-harness-secret"],
  ]) {
    expect(all).not.toContain(value);
  }
});

test("an ended job is forgotten when fifty others have ended since, and when nobody polls it any more", async ({
  expect,
}) => {
  const flow: Flow = async () => ({ state: "done", result: {} });
  let lateMs = 0;
  const { post, ended, get } = await startHarness({ flow, now: () => systemClock.now() + lateMs });
  const statusOf = async (jobId: string): Promise<number> => (await get(`/jobs/${jobId}`)).status;
  for (let count = 0; count < 52; count += 1) {
    await post(makeBody({ jobId: `j${count}` }));
    await ended(`j${count}`);
  }
  expect(await statusOf("j0")).toBe(200);
  lateMs = 2 * 60 * 60_000;
  await post(makeBody({ jobId: "j52" }));
  await ended("j52");
  expect(await Promise.all(["j0", "j2", "j3", "j52"].map(statusOf))).toStrictEqual([404, 404, 200, 200]);
});

test("however many jobs have ended, a job at work keeps its own secrets to itself in every spelling", async ({
  expect,
}) => {
  const tokens = new Map(Array.from({ length: 12 }, (_, n) => [`j${n}`, randomBytes(600).toString("hex")]));
  const flow: Flow = async ({ jobId }, { redact }) => ({
    state: "done",
    result: { summary: redact(Buffer.from(tokens.get(jobId) ?? "").toString("hex")) },
  });
  const { post, ended } = await startHarness({ flow });
  for (const [jobId, sessionToken] of tokens) {
    await post(makeBody({ jobId, sessionToken }));
    expect(await ended(jobId)).toMatchObject({ result: { summary: "***" } });
  }
});

test("an ended job that can still be read holds its body no longer, and a result of bounded size", async ({
  expect,
}) => {
  const jobs: WeakRef<object>[] = [];
  const flow: Flow = async (job) => {
    jobs.push(new WeakRef(job));
    const half = "s".repeat(0.7 * Limits.resultBytes);
    return { state: "done", result: { pushed: true, summary: half, custom: { half } } };
  };
  const { post, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1", userPrompt: "p".repeat(1_000_000) }));
  const view = await ended("j1");
  expect(view).toMatchObject({
    result: { pushed: true, error: expect.stringContaining("'custom' had") },
    failureCause: "no-usable-output",
  });
  expect(JSON.stringify(view).length).toBeLessThan(Limits.resultBytes + 10_000);
  setFlagsFromString("--expose-gc");
  await expect
    .poll(() => {
      runInNewContext("gc()");
      return jobs.map((job) => job.deref());
    })
    .toEqual([undefined]);
});

test("a flow that does not end when it is stopped does not hold the job for ever", async ({ expect }) => {
  const begun = deferred<JobContext>();
  const flow: Flow = (_job, context) => {
    begun.resolve(context);
    return new Promise(() => undefined);
  };
  const config = {
    limits: {
      inactivityMs: 60_000,
      maxDurationMs: 60_000,
      checkpointMs: 1_000,
      toolSilenceMs: 60_000,
      cloneMs: 1_000,
      setupMs: 1_000,
      pushMs: 1_000,
      killGraceMs: 10,
      followUpPollMs: 1_000,
      guard: { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 },
    },
  };
  const { post, stop, ended } = await startHarness({ flow, config });
  await post(makeBody({ jobId: "j1" }));
  const { noPush } = await begun.promise;
  await stop("j1", { cause: "cancelled", graceMs: 10 });
  expect(await ended("j1")).toMatchObject({
    state: "failed",
    error: expect.stringContaining("Aborted: cancelled"),
  });
  expect(noPush.aborted).toBe(true);
});

test("the first reason to stop stands", async ({ expect }) => {
  const reasons: unknown[] = [];
  const begun = deferred<void>();
  const goOn = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.resolve();
    await untilStopped(context);
    reasons.push(context.stop.reason);
    await goOn.promise;
    return { state: "failed", error: "stopped" };
  };
  const { post, stop, ended } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await begun.promise;
  await stop("j1", { cause: "max-duration", graceMs: 10_000 });
  await stop("j1", { cause: "cancelled", graceMs: 10_000 });
  goOn.resolve();
  expect(await ended("j1")).toMatchObject({ failureCause: "max-duration" });
  expect(reasons).toMatchObject([{ kind: "stop", cause: "max-duration", graceMs: 10_000 }]);
});

test("what a flow reports is cut to its limits with a mark, never inside a secret", async ({ expect }) => {
  // a value of no known shape: half of it is not recognised
  const token = "known-0123456789abcdefghijklmnopqrstuvwxyz";
  const flow: Flow = async (_job, { report }) => {
    report.followUp({ kind: "follow_up", title: `${"x".repeat(290)} ${token}`, detail: "d".repeat(20_000) });
    return { state: "failed", error: "e".repeat(30_000), failureCause: "git" };
  };
  const { post, ended, get } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1", ghToken: token }));
  await ended("j1");
  const text = JSON.stringify((await get("/jobs/j1?after=0")).body);
  expect(text).toContain(`"title":"${"x".repeat(290)} ***"`);
  expect(text).not.toContain("known-0");
  expect(text).toContain("more characters");
  expect(text.length).toBeLessThan(40_000);
});
