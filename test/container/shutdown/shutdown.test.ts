import { test } from "vitest";
import type { Flow, JobContext, StopReason } from "../../../container/job-context.ts";
import { startObject } from "../beats/object-server.ts";
import { deferred } from "../server/deferred.ts";
import { INSTANCE, makeBody, makeEnvelope, startHarness } from "../server/start-harness.ts";

const inExecution = { env: { HARNESS_INSTANCE: INSTANCE } };
const attemptOf = (jobId: string): Record<string, unknown> =>
  makeBody({ jobId, holtAttempt: makeEnvelope() });

const untilStopped = ({ stop }: JobContext): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });

/** Ends when stopped; tells what it saw. */
function watching(): { readonly flow: Flow; readonly begun: Promise<void>; readonly contexts: JobContext[] } {
  const begun = deferred<void>();
  const contexts: JobContext[] = [];
  return {
    begun: begun.promise,
    contexts,
    flow: async (_job, context) => {
      contexts.push(context);
      context.report.phase("agent");
      begun.resolve();
      await untilStopped(context);
      return { state: "failed", error: "stopped", result: { pushed: true, branch: "cat/1" } };
    },
  };
}

test("a SIGTERM nobody announced lets the work be saved, says goodbye, and is no end of the job", async ({
  expect,
}) => {
  const object = await startObject();
  const { flow, begun, contexts } = watching();
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await begun;
  await harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
  expect(contexts[0]?.stop.reason).toStrictEqual({ kind: "drain" } satisfies StopReason);
  expect(contexts[0]?.noPush.aborted).toBe(false);
  expect(object.object.stored).toContainEqual(expect.objectContaining({ kind: "phase", phase: "draining" }));
  expect(object.object.stored.at(-1)).toMatchObject({
    kind: "note",
    code: "drained",
    text: "SIGTERM came unannounced; the agent was stopped, its work is pushed to cat/1",
  });
  expect(object.seen.every(({ beat }) => beat.terminal === undefined)).toBe(true);
});

test("a SIGTERM after a stop forbids every push and does not wait for a goodbye", async ({ expect }) => {
  const object = await startObject();
  const begun = deferred<void>();
  const stopped = deferred<void>();
  const killed = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.resolve();
    await untilStopped(context);
    stopped.resolve();
    await new Promise<void>((resolve) => {
      context.noPush.addEventListener("abort", () => resolve(), { once: true });
    });
    killed.resolve();
    return { state: "failed", error: "killed" };
  };
  const { post, stop, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await begun.promise;
  await stop("j1", { cause: "cancelled", graceMs: 60_000 });
  await stopped.promise;
  await harness.shutdown.onSignal("SIGTERM");
  await killed.promise;
  expect(await exited).toBe(143);
  expect(JSON.stringify(object.seen)).not.toContain("drained");
});

test("a flow that ignores a SIGTERM after a stop does not keep the process", async ({ expect }) => {
  const object = await startObject();
  const begun = deferred<void>();
  const flow: Flow = () => {
    begun.resolve();
    return new Promise(() => undefined);
  };
  const { post, stop, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await begun.promise;
  await stop("j1", { cause: "cancelled", graceMs: 60_000 });
  void harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
});

test("a second signal ends the waiting for a checkpoint", async ({ expect }) => {
  const begun = deferred<void>();
  const draining = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.resolve();
    await untilStopped(context);
    draining.resolve();
    await new Promise<void>((resolve) => {
      context.noPush.addEventListener("abort", () => resolve(), { once: true });
    });
    return { state: "failed", error: "stopped" };
  };
  const { post, harness, exited } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  await begun.promise;
  void harness.shutdown.onSignal("SIGTERM");
  await draining.promise;
  void harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
});

test("an end that is done while draining is told as the end it is", async ({ expect }) => {
  const object = await startObject();
  const begun = deferred<void>();
  const flow: Flow = async (_job, context) => {
    begun.resolve();
    await untilStopped(context);
    return { state: "done", result: { pushed: true } };
  };
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await begun.promise;
  await harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({ state: "done", result: { pushed: true } });
  expect(JSON.stringify(object.seen)).not.toContain("drained");
});

test("an end that is not stored yet is told before a SIGTERM is obeyed", async ({ expect }) => {
  const object = await startObject();
  const refused = deferred<void>();
  let isUp = false;
  object.behave = ({ terminal }) => {
    if (isUp || terminal === undefined) return { kind: "store" };
    refused.resolve();
    return { kind: "answer", status: 500, body: {} };
  };
  const flow: Flow = async () => ({ state: "done", result: { pushed: true } });
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await refused.promise;
  isUp = true;
  await harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({ state: "done" });
});

test("a job that failed by itself is not said to have been interrupted", async ({ expect }) => {
  const object = await startObject();
  const refused = deferred<void>();
  let isUp = false;
  object.behave = ({ terminal }) => {
    if (isUp || terminal === undefined) return { kind: "store" };
    refused.resolve();
    return { kind: "answer", status: 500, body: {} };
  };
  const flow: Flow = async () => ({ state: "failed", error: "git said no", failureCause: "git" });
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await refused.promise;
  isUp = true;
  await harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({ state: "failed", error: "git said no" });
  expect(JSON.stringify(object.seen)).not.toContain("drained");
});

test("a job that had failed before the SIGTERM tells its end, however long its folder takes to go", async ({
  expect,
}) => {
  const object = await startObject();
  const closing = deferred<void>();
  const closed = deferred<void>();
  const flow: Flow = async (_job, { keep }) => {
    keep(() => {
      closing.resolve();
      return closed.promise;
    });
    return {
      state: "failed",
      error: "Failed to open PR (HTTP 403)",
      failureCause: "api",
      result: { pushed: true },
    };
  };
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  await post(attemptOf("j1"));
  await closing.promise;
  const signalled = harness.shutdown.onSignal("SIGTERM");
  closed.resolve();
  await signalled;
  expect(await exited).toBe(143);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({
    error: "Failed to open PR (HTTP 403)",
    result: { pushed: true },
  });
  expect(JSON.stringify(object.seen)).not.toContain("drained");
});

test("a goodbye does not wait behind a beat that is never answered", async ({ expect }) => {
  const object = await startObject();
  const { flow, begun } = watching();
  const { post, harness, exited } = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  object.behave = (_beat, index) => ({ kind: index === 0 ? "hold" : "store" });
  await post(makeBody({ jobId: "j1", holtAttempt: makeEnvelope({ nextBeatMs: 60_000 }) }));
  await Promise.all([begun, object.nth(0)]);
  await harness.shutdown.onSignal("SIGTERM");
  expect(await exited).toBe(143);
  expect(object.object.stored.at(-1)).toMatchObject({ kind: "note", code: "drained" });
});

test("an error nobody caught fails the job, tells it, and ends the process with 70", async ({ expect }) => {
  const object = await startObject();
  const { flow, begun, contexts } = watching();
  const started = await startHarness({ flow, ...inExecution, beatUrl: object.url });
  const { post, harness, exited, logLines } = started;
  await post(attemptOf("j1"));
  await begun;
  await harness.shutdown.onDefect(new Error("bug with git-token-abcdef in it"));
  expect(await exited).toBe(70);
  expect(contexts[0]?.noPush.aborted).toBe(true);
  expect(object.seen.at(-1)?.beat.terminal).toMatchObject({
    state: "failed",
    error: expect.stringContaining("the harness failed: bug with"),
  });
  expect(JSON.stringify([object.seen, logLines])).not.toContain("git-token-abcdef");
});

test("a harness of an execution that gets no job exits with 0, one that had a job does not", async ({
  expect,
}) => {
  const { flow, begun } = watching();
  const idle = await startHarness({ flow, ...inExecution });
  idle.harness.shutdown.exitUnlessUsed();
  expect(await idle.exited).toBe(0);
  const busy = await startHarness({ flow, ...inExecution });
  await busy.post(makeBody({ jobId: "j1" }));
  await begun;
  busy.harness.shutdown.exitUnlessUsed();
  await busy.harness.shutdown.onSignal("SIGINT");
  expect(await busy.exited).toBe(130);
});
