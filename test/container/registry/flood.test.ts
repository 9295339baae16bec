import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "vitest";
import { pi } from "../../../container/agents/pi/pi.ts";
import { runAgent } from "../../../container/agents/run-agent.ts";
import type { Flow } from "../../../container/job-context.ts";
import { startObject } from "../beats/object-server.ts";
import { fixtureProgram } from "../job-folder.ts";
import { deferred } from "../server/deferred.ts";
import { INSTANCE, makeBody, makeEnvelope, startHarness } from "../server/start-harness.ts";

test("invariant 4: while an agent floods, probes are answered, beats go out, and every loss is counted", async ({
  expect,
}) => {
  const object = await startObject();
  const outputs = 8_000;
  const flooding = deferred<void>();
  let isReachable = false;
  const flow: Flow = async (_job, { report }) => {
    report.phase("agent");
    for (let count = 0; count < outputs; count += 1) {
      report.output("agent", "x".repeat(1_000));
      if (count % 100 === 0) await nextTurn();
      if (count === 1_000) flooding.resolve();
    }
    isReachable = true;
    return { state: "done", result: {} };
  };
  object.behave = () => (isReachable ? { kind: "store" } : { kind: "cut" });
  const { post, get } = await startHarness({
    flow,
    env: { HARNESS_INSTANCE: INSTANCE },
    beatUrl: object.url,
  });
  await post(makeBody({ jobId: "j1", holtAttempt: makeEnvelope() }));
  await flooding.promise;
  expect((await get("/health")).status).toBe(200);
  expect((await get("/jobs/j1")).body).toMatchObject({ state: "running" });
  await object.nth(object.seen.length + 2);
  await object.first(({ terminal }) => terminal !== undefined);
  const { stored, missing } = object.object;
  expect(missing).toBeGreaterThan(0);
  expect(stored.filter(({ kind }) => kind === "output").length + missing).toBe(outputs);
  expect(stored.filter(({ kind }) => kind === "phase")).toHaveLength(1);
});

test("while an agent prints records of megabytes no probe waits for long", async ({ expect }) => {
  const flow: Flow = async (_job, context) => {
    context.report.phase("agent");
    const { exit } = await runAgent({
      agent: pi,
      command: {
        file: process.execPath,
        args: [fixtureProgram("long-winded-agent.mjs")],
        env: {},
        input: "",
      },
      env: {},
      cwd: context.folder,
      context,
      user: null,
      guard: null,
      onStart: () => undefined,
    });
    return { state: "done", result: { exit: exit.kind } };
  };
  const { post, get } = await startHarness({ flow });
  await post(makeBody({ jobId: "j1" }));
  let longestMs = 0;
  for (let state: unknown = "running"; state === "running";) {
    const askedAt = performance.now();
    const { body } = await get("/jobs/j1");
    longestMs = Math.max(longestMs, performance.now() - askedAt);
    if (typeof body === "object" && body !== null && "state" in body) state = body.state;
    await nextTurn();
  }
  expect((await get("/jobs/j1")).body).toMatchObject({ state: "done", result: { exit: "exited" } });
  // the object's probe waits 1.5 s
  expect(longestMs).toBeLessThan(1_500);
});
