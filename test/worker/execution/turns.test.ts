import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { createSealer } from "../../../worker/sealing.ts";
import { createDeferred } from "./deferred.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";
import { SEALING_KEY } from "./world.ts";

afterEach(reset);

const JUDGED_MS = 5_000;
const done = { state: "done", result: { summary: "made it" } } as const;

test("a job behind one whose container died gets a container of its own, once the death is judged", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "second" });
  await rig.happens(() => rig.machine.exit(1));
  expect((await rig.view("second")).status).toBe("queued");
  expect(rig.machine.started).toHaveLength(1);
  await rig.evict();
  await rig.advance(JUDGED_MS);
  expect((await rig.view("first")).status).toBe("evicted");
  expect((await rig.view("second")).status).toBe("running");
  expect(rig.machine.started).toHaveLength(2);
});

test("invariant 3: a job behind a lost one waits for the proof that the silent container is dead", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "second" });
  rig.machine.harnessScript.listening = false;
  rig.machine.undestroyable = true;
  await rig.advance(PolicyDefaults.silenceMs + 5_000);
  expect((await rig.view("first")).status).toBe("evicted");
  expect((await rig.view("second")).status).toBe("queued");
  await rig.crash();
  await rig.advance(60_000);
  expect(rig.machine.started).toHaveLength(1);
  rig.machine.undestroyable = false;
  rig.machine.harnessScript.listening = true;
  await rig.advance(15_000);
  expect((await rig.view("second")).status).toBe("running");
  expect(rig.machine.started).toHaveLength(2);
  expect(rig.machine.replaced).toBe(0);
});

test("invariant 3: a job that comes while the idle container is being destroyed starts another after it", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin({ jobId: "first" });
  await rig.beat(job, { terminal: done });
  const held = createDeferred<undefined>();
  rig.machine.interrupts.set("destroy", () => held.promise);
  await rig.advance(PolicyDefaults.idleMs);
  expect(rig.machine.alive).not.toBeNull();
  await rig.dispatch({ jobId: "second" });
  expect((await rig.view("second")).status).toBe("queued");
  expect(rig.machine.started).toHaveLength(1);
  rig.machine.interrupts.clear();
  await rig.happens(() => held.resolve(undefined));
  expect((await rig.view("second")).status).toBe("running");
  expect(rig.machine.started).toHaveLength(2);
  expect(rig.machine.replaced).toBe(0);
});

test("a job that comes just before idle is over keeps the container", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ jobId: "first" });
  await rig.beat(job, { terminal: done });
  await rig.advance(PolicyDefaults.idleMs - 1);
  await rig.dispatch({ jobId: "second" });
  await rig.advance(PolicyDefaults.idleMs);
  expect((await rig.view("second")).status).toBe("running");
  expect(rig.machine.started).toHaveLength(1);
});

test("invariant 5: a late beat of the job before changes nothing of the job that runs", async ({
  expect,
}) => {
  const rig = new Rig();
  const first = await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "second" });
  await rig.beat(first, { events: [makeOutput(1)], terminal: done });
  expect((await rig.view("second")).status).toBe("running");
  const before = await rig.everything();
  const late = { events: [makeOutput(2)], terminal: { state: "failed" as const, error: "late" } };
  expect(replyOf(await rig.beat(first, late)).ack).toBe(1);
  expect(await rig.everything()).toEqual(before);
});

test("invariant 5: a late beat of the round before changes nothing of the round that runs in the same container", async ({
  expect,
}) => {
  const rig = new Rig();
  const first = await rig.begin();
  await rig.beat(first, { events: [makeOutput(1)], terminal: done });
  await rig.object.take(first.jobId);
  await rig.dispatch();
  const second = rig.given(first.jobId);
  expect(second.envelope).toMatchObject({ attempt: 2, round: 2, instance: first.envelope.instance });
  await rig.evict();
  const before = await rig.everything();
  const late = { events: [makeOutput(2)], terminal: { state: "failed" as const, error: "late" } };
  expect(replyOf(await rig.beat(first, late)).ack).toBe(1);
  expect(await rig.everything()).toEqual(before);
  expect(replyOf(await rig.beat(second, { events: [makeOutput(1)] })).ack).toBe(1);
});

test("a container that dies while the job is handed over is an eviction of its attempt", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? new Promise(() => undefined) : null;
  await rig.dispatch();
  expect(await rig.view()).toMatchObject({ status: "starting", attempt: 1 });
  await rig.happens(() => rig.machine.exit(1));
  await rig.advance(JUDGED_MS);
  expect(await rig.view()).toMatchObject({ status: "evicted", exit: { code: 1 } });
});

test("invariant 3: a container that was started and not stored as such is taken on, not started again", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await runInDurableObject(rig.stub, (_, state) => {
    const { sql } = state.storage;
    sql.exec(
      "UPDATE execution SET state = json_set(state, '$.instance.phase', 'written', '$.instance.startedAt', NULL)",
    );
    sql.exec(
      "UPDATE job SET state = json_set(state, '$.status', 'starting', '$.current', NULL, '$.attempt', 0)",
    );
  });
  await rig.crash();
  expect(rig.machine.started).toHaveLength(1);
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  expect(rig.given(job.jobId).envelope.instance).toBe(job.envelope.instance);
});

test("a sealing key put in front of the list leaves running jobs as they are", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.dispatch({ jobId: "waits" });
  const fresh = btoa(String.fromCharCode(...new Uint8Array(32).fill(9)));
  rig.world.sealer = createSealer(`${fresh},${SEALING_KEY}`);
  await rig.evict();
  expect(replyOf(await rig.beat(job, { events: [makeOutput(1)], terminal: done })).ack).toBe(1);
  const waits = rig.given("waits");
  expect(waits.body).toMatchObject({ prompt: "fix the test" });
  await rig.beat(waits, { terminal: done });
  expect((await rig.view("waits")).status).toBe("done");
});

test("a job whose spec no key opens is reported and makes way for the next", async ({ expect }) => {
  const rig = new Rig();
  const first = await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "second" });
  rig.world.sealer = createSealer(btoa(String.fromCharCode(...new Uint8Array(32).fill(9))));
  await rig.evict();
  await rig.dispatch({ jobId: "third" });
  expect((await rig.beat(first, { terminal: done })).ok).toBe(false);
  await rig.advance(10 * 60_000);
  expect(await rig.view("first")).toMatchObject({ status: "evicted", outcome: { code: "spec-unreadable" } });
  expect(await rig.view("second")).toMatchObject({ status: "evicted", outcome: { code: "spec-unreadable" } });
  expect((await rig.view("third")).status).toBe("running");
});

test("a job sealed by a newer key speaks to the container with the key it knows", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ jobId: "first" });
  const fresh = btoa(String.fromCharCode(...new Uint8Array(32).fill(9)));
  rig.world.sealer = createSealer(`${fresh},${SEALING_KEY}`);
  await rig.evict();
  await rig.dispatch({ jobId: "second" });
  await rig.beat(job, { terminal: done });
  expect((await rig.view("second")).status).toBe("running");
  expect(rig.given("second").secret).toBe(job.secret);
});

test("a job refused before a key rotation leaves the container to the key it first spoke with", async ({
  expect,
}) => {
  const rig = new Rig();
  // The harness refuses the first job's body, with its key, and keeps to that key.
  await rig.dispatch({ jobId: "first", spec: { refuse: true } });
  expect(await rig.view("first")).toMatchObject({
    status: "failed",
    outcome: { code: "refused-by-harness" },
  });
  const fresh = btoa(String.fromCharCode(...new Uint8Array(32).fill(9)));
  rig.world.sealer = createSealer(`${fresh},${SEALING_KEY}`);
  await rig.evict();
  await rig.dispatch({ jobId: "second" });
  expect((await rig.view("second")).status).toBe("running");
});
