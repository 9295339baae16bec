import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { createSealer } from "../../../worker/sealing.ts";
import { makeDispatch, PLANTED_TOKEN } from "./dispatches.ts";
import { Rig } from "./rig.ts";
import { SEALING_KEY } from "./world.ts";

afterEach(reset);

test("a dispatch has stored the sealed spec, the state, the wish for a slot and the alarm before it answers", async ({
  expect,
}) => {
  const rig = new Rig();
  // The line does not answer, so that what the dispatch left is seen as it left it.
  rig.world.line.until = new Promise(() => undefined);
  const answer = await rig.object.dispatch(makeDispatch(rig.executionId));
  expect(answer).toMatchObject({
    ok: true,
    answer: { status: "queued", state: "running", round: 1, attempt: 0 },
  });
  const { tables, alarmAt } = await rig.everything();
  expect(tables["spec"]?.map((row) => [row["job_id"], row["round"], row["chunk"]])).toEqual([
    [`${rig.executionId}-coder`, 1, 0],
  ]);
  expect(tables["job"]).toHaveLength(1);
  expect(tables["effect"]?.map((row) => JSON.parse(String(row["body"])))).toEqual([{ kind: "ask-slot" }]);
  expect(tables["event"]?.map((row) => row["kind"])).toEqual(["dispatched"]);
  expect(alarmAt).toBe(rig.now + 30_000);
});

test("invariant 10: no byte of what a dispatch stores is a secret of its spec, and the harness gets them all", async ({
  expect,
}) => {
  const rig = new Rig();
  const secrets = {
    ghToken: PLANTED_TOKEN,
    sessionToken: "another4Kp0Zs8Tb2",
    subscriptionToken: "third9Wd6Mf1Hg3",
  };
  const remote = { repo: { cloneUrl: "https://bot:userinfo5Jc7Xn1@git.example/a/b.git" } };
  const { body } = await rig.begin({ spec: { ...secrets, ...remote } });
  expect(body).toMatchObject({ ...secrets, ...remote, prompt: "fix the test" });
  const stored = JSON.stringify(await rig.dump());
  for (const secret of [...Object.values(secrets), "userinfo5Jc7Xn1"]) expect(stored).not.toContain(secret);
  await rig.evict();
  const logged = JSON.stringify(rig.world.log);
  for (const secret of Object.values(secrets)) expect(logged).not.toContain(secret);
});

test("nothing is written for an execution that nothing was ever dispatched to", async ({ expect }) => {
  const rig = new Rig();
  const jobId = `${rig.executionId}-coder`;
  const { object } = rig;
  expect(await object.read({ jobId, door: "native" })).toMatchObject({ ok: false, code: "job-not-found" });
  expect(await object.read({ jobId, door: "job", after: 0 })).toMatchObject({
    ok: false,
    code: "job-not-found",
  });
  expect(await object.take(jobId)).toMatchObject({ ok: false, code: "job-not-found" });
  expect(await object.result(jobId)).toMatchObject({ ok: false, code: "job-not-found" });
  expect(await object.execution()).toMatchObject({ ok: false, code: "execution-not-found" });
  expect(await object.events({ after: 0, limit: 10 })).toMatchObject({
    ok: false,
    code: "execution-not-found",
  });
  const cancelled = await object.cancel({ jobId, reason: "no need", waitMs: 20_000 });
  expect(cancelled).toEqual({ ok: true, answer: { jobId, state: "done", status: "done" } });
  const released = await object.release({ id: rig.executionId, reason: "no need", waitMs: 20_000 });
  expect(released).toMatchObject({ ok: true, answer: { state: "done", status: "done" } });
  const beat = { instance: "instance-1", key: "key", beat: JSON.stringify({ v: 1 }) };
  expect(await object.beat(beat)).toMatchObject({ ok: false, code: "stale-attempt" });
  expect(await rig.everything()).toEqual({ tables: {}, alarmAt: null, calls: [] });
});

test("without a sealing key a dispatch is refused and nothing is written", async ({ expect }) => {
  const rig = new Rig();
  rig.world.sealer = null;
  const answer = await rig.dispatch();
  expect(answer).toMatchObject({ ok: false, code: "sealing-not-configured" });
  expect(await rig.everything()).toEqual({ tables: {}, alarmAt: null, calls: [] });
});

test("invariant 11: a hundred dispatches of one job at once start one container", async ({ expect }) => {
  const rig = new Rig();
  const request = makeDispatch(rig.executionId);
  const answers = await Promise.all(Array.from({ length: 100 }, () => rig.object.dispatch(request)));
  await rig.quiet();
  expect(answers.filter((answer) => answer.ok)).toHaveLength(100);
  expect(rig.machine.started).toHaveLength(1);
  expect(rig.machine.harness.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  await rig.evict();
  await Promise.all(Array.from({ length: 100 }, () => rig.object.dispatch(request)));
  await rig.quiet();
  expect(rig.machine.started).toHaveLength(1);
  expect((await rig.dump())["event"]?.filter((row) => row["kind"] === "dispatched")).toHaveLength(1);
});

test("two jobs run one after the other in one container, in dispatch order", async ({ expect }) => {
  const rig = new Rig();
  const [first, second] = ["exec-first", "exec-second"];
  const job = await rig.begin({ jobId: first });
  await rig.dispatch({ jobId: second });
  expect((await rig.view(second)).status).toBe("queued");
  expect((await rig.view(second)).deadlines[0]?.why).toContain(`waits behind job ${first}`);
  await rig.evict();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect((await rig.view(first)).status).toBe("done");
  expect((await rig.view(second)).status).toBe("running");
  const next = rig.given(second);
  expect(next.envelope.instance).toBe(job.envelope.instance);
  expect(next.envelope.beatKey).not.toBe(job.envelope.beatKey);
  await rig.beat(next, { terminal: { state: "done", result: {} } });
  expect((await rig.view(second)).status).toBe("done");
  expect(rig.machine.started).toHaveLength(1);
});

test("a job for another size waits until the container before it is dead, and gets one of its own", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ jobId: "small" });
  await rig.dispatch({ jobId: "large", size: "standard-4" });
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect(rig.machine.started.map(({ options }) => options.size)).toEqual(["standard-1", "standard-4"]);
  expect(rig.machine.replaced).toBe(0);
  expect(rig.machine.calls.filter((call) => call === "destroy")).toHaveLength(1);
  expect((await rig.view("large")).status).toBe("running");
});

test("what the harness refuses is the end of the job, with the harness's words", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST"
      ? Response.json({ error: "mode 'preview' is not available yet" }, { status: 422 })
      : null;
  await rig.dispatch();
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", error: "mode 'preview' is not available yet" });
  expect(view.outcome?.code).toBe("refused-by-harness");
  await rig.advance(PolicyDefaults.idleMs);
  expect(rig.machine.alive).toBeNull();
});

test("a later dispatch of a live job replaces its credentials and changes nothing else", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const answer = await rig.dispatch({ spec: { prompt: "something else", ghToken: "fresh2Bv8Ny4Rt6Qw0" } });
  const warnings = ["'prompt' was ignored: the job is live with another value"];
  expect(answer).toMatchObject({ ok: true, answer: { status: "running", round: 1, attempt: 1, warnings } });
  expect(rig.machine.started).toHaveLength(1);
  const place = { executionId: rig.executionId, jobId: job.jobId, round: 1 };
  const opened = await runInDurableObject(rig.stub, async (_, state) => {
    const chunks = state.storage.sql
      .exec<{ chunk: number; key_id: string; iv: ArrayBuffer; data: ArrayBuffer }>("SELECT * FROM spec")
      .toArray()
      .map(({ chunk, key_id, iv, data }) => ({
        chunk,
        keyId: key_id,
        iv: new Uint8Array(iv),
        data: new Uint8Array(data),
      }));
    return createSealer(SEALING_KEY).open(place, chunks);
  });
  const { spec, formerSecrets } = JSON.parse(opened ?? "");
  expect(JSON.parse(spec)).toMatchObject({ prompt: "fix the test", ghToken: "fresh2Bv8Ny4Rt6Qw0" });
  expect(formerSecrets).toEqual([PLANTED_TOKEN]);
});

test("the native API refuses another spec for a live job, naming the fields and never their values", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ door: "native" });
  const before = await rig.everything();
  const changes = { prompt: "steal the secret", model: "large", ghToken: "fresh2Bv8Ny4Rt6Qw0" };
  const answer = await rig.dispatch({ door: "native", spec: changes });
  expect(answer).toMatchObject({ ok: false, code: "spec-differs", details: { fields: ["model", "prompt"] } });
  for (const value of Object.values(changes)) expect(JSON.stringify(answer)).not.toContain(value);
  expect(await rig.everything()).toEqual(before);
});

test("the native API re-attaches to a live job where only the credentials differ", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin({ door: "native" });
  const answer = await rig.dispatch({ door: "native", spec: { ghToken: "fresh2Bv8Ny4Rt6Qw0" } });
  expect(answer).toMatchObject({ ok: true, answer: { status: "running", round: 1 } });
  expect(rig.machine.started).toHaveLength(1);
});

test("an ended job of the native API is dispatched again only where that is asked for", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ door: "native" });
  await rig.beat(job, { terminal: { state: "done", result: { summary: "the first" } } });
  const before = await rig.everything();
  expect(await rig.dispatch({ door: "native" })).toMatchObject({ ok: false, code: "already-finished" });
  expect(await rig.everything()).toEqual(before);
  const again = await rig.dispatch({ door: "native", again: true });
  expect(again).toMatchObject({ ok: true, answer: { round: 2, status: "starting" } });
  const view = await rig.view();
  expect(view).toMatchObject({ status: "running", round: 2, attempt: 2 });
  expect(view.result).toBeUndefined();
});

test("a job of the job protocol starts a new round once its end was delivered, and not before", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { status: "done", round: 1 } });
  await rig.view();
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { status: "done", round: 1 } });
  await rig.evict();
  expect(await rig.object.take(job.jobId)).toMatchObject({ ok: true, view: { status: "done" } });
  await rig.evict();
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { round: 2 } });
  expect(rig.machine.started).toHaveLength(1);
});

test("an execution holds so many jobs and refuses the next, with nothing changed", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin({ jobId: "job-0" });
  for (let job = 1; job < 200; job += 1)
    await rig.object.dispatch(makeDispatch(rig.executionId, { jobId: `job-${job}` }));
  await rig.quiet();
  const before = await rig.everything();
  expect(await rig.dispatch({ jobId: "one-more" })).toMatchObject({ ok: false, code: "execution-full" });
  expect(await rig.everything()).toEqual(before);
});

test("a spec larger than a row reaches the harness whole", async ({ expect }) => {
  const rig = new Rig();
  const prompt = "ä".repeat(1_600_000);
  const { body } = await rig.begin({ spec: { prompt } });
  expect(body["prompt"] === prompt).toBe(true);
  await rig.evict();
  expect((await rig.dump())["spec"]?.length).toBeGreaterThan(3);
});

test("an object that forgets leaves no storage behind", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(PolicyDefaults.idleMs + PolicyDefaults.retentionMs);
  expect(await rig.dump()).toEqual({});
  expect(await rig.object.take(job.jobId)).toMatchObject({ ok: false, code: "job-not-found" });
  expect(await rig.dispatch()).toMatchObject({ ok: true, answer: { round: 1 } });
});

test("a job dispatched after a forgetting that failed is not forgotten", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(PolicyDefaults.idleMs + 30_000);
  const { machine } = rig;
  machine.undestroyable = true;
  machine.create({ image: "harness", size: "standard-1", env: { HARNESS_INSTANCE: "stray" } });
  machine.keepAlive();
  await rig.crash();
  rig.world.clock.moveTo(rig.now + PolicyDefaults.retentionMs);
  await rig.alarm();
  rig.world.line.answer = { kind: "waiting", position: 1, live: 20, max: 20 };
  expect(await rig.dispatch({ jobId: "next" })).toMatchObject({ ok: true });
  machine.undestroyable = false;
  await rig.advance(60_000);
  expect((await rig.view("next")).status).toBe("queued");
});

test("a job dispatched at the moment of forgetting is either stored or not accepted", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  await rig.advance(PolicyDefaults.idleMs + 30_000);
  rig.world.clock.moveTo(rig.now + PolicyDefaults.retentionMs);
  const next = makeDispatch(rig.executionId, { jobId: "next" });
  const [, first, second] = await Promise.allSettled([
    rig.alarm(),
    rig.object.dispatch(next),
    rig.object.dispatch(next),
  ]);
  await rig.quiet();
  const stored = (await rig.dump())["job"]?.map((row) => row["job_id"]) ?? [];
  for (const answer of [first, second]) {
    if (answer.status === "fulfilled" && answer.value.ok) expect(stored).toContain("next");
  }
  expect(await rig.dispatch({ jobId: "next" })).toMatchObject({ ok: true });
  expect((await rig.view("next")).status).toBe("running");
});
