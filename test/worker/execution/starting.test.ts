import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const NO_CAPACITY = "There is no container instance that can be provided to this Durable Object";

test("a container that never becomes ready fails its start with the probe's reason, and the job after three", async ({
  expect,
}) => {
  const rig = new Rig();
  const startingMs = 6_000;
  rig.machine.harnessScript.listening = false;
  await rig.dispatch({ policy: { startingMs } });
  await rig.advance(startingMs - 1);
  expect(rig.machine.started).toHaveLength(1);
  expect((await rig.view()).deadlines.map(({ name }) => name)).toContain("starting");
  await rig.advance(1_000);
  expect(rig.machine.started).toHaveLength(2);
  await rig.crash();
  await rig.advance(startingMs + 1_000);
  expect(rig.machine.started).toHaveLength(3);
  expect((await rig.view()).status).toBe("starting");
  await rig.advance(startingMs + 1_000);
  const view = await rig.view();
  expect(view).toMatchObject({
    status: "failed",
    outcome: { code: "start-failed", blame: "platform" },
    attempt: 0,
  });
  expect(view.error).toContain("did not become ready within 6s");
  expect(view.error).toContain("Container is not listening to port 8080");
  expect(rig.machine.started).toHaveLength(3);
  expect(rig.machine.replaced).toBe(0);
  expect(rig.machine.alive).toBeNull();
});

test("a container that becomes ready late is used, and its probes ended", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.listening = false;
  await rig.dispatch();
  await rig.advance(10_000);
  rig.machine.harnessScript.listening = true;
  await rig.advance(2_000);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "running", attempt: 1 });
  expect(view.container?.coldStartMs).toBeGreaterThanOrEqual(10_000);
  const probes = rig.machine.harness.asked.length;
  await rig.advance(5_000);
  expect(rig.machine.harness.asked).toHaveLength(probes);
});

test("a container that exits before it is ready counts as a failed start", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.harnessScript.listening = false;
  await rig.dispatch();
  await rig.happens(() => rig.machine.exit(1));
  expect(rig.machine.started).toHaveLength(2);
  await rig.happens(() => rig.machine.exit(1));
  await rig.happens(() => rig.machine.exit(1));
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "start-failed" } });
  expect(view.error).toContain("exited with code 1");
  expect(rig.machine.started).toHaveLength(3);
});

test("a start refused for another reason than capacity is tried three times", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.refusal = "Container failed to start";
  await rig.dispatch();
  await rig.advance(1_000);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "start-failed" } });
  expect(view.error).toContain("3 times: Container failed to start");
  expect(rig.machine.calls.filter((call) => call.startsWith("start "))).toHaveLength(3);
  expect(await rig.alarmAt()).not.toBeNull();
});

test("invariant 3: a container that is still being placed is not dead because nobody knows it yet", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.placing = true;
  await rig.dispatch();
  const { instance } = (await rig.view()).container ?? {};
  await rig.losesSight();
  expect((await rig.view()).status).toBe("starting");
  rig.machine.placing = false;
  await rig.advance(1_000);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "running", attempt: 1 });
  expect(view.container).toMatchObject({ instance });
  expect(rig.machine.started).toHaveLength(1);
  expect((await rig.events()).map(({ kind }) => kind)).not.toContain("instance-exited");
});

test("invariant 3: a container that is lost from sight twice while it is placed is destroyed before the next start", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.placing = true;
  await rig.dispatch();
  await rig.losesSight();
  await rig.happens(() => rig.machine.loseMonitor());
  await rig.advance(PolicyDefaults.startingMs + 30_000);
  expect(rig.machine.replaced).toBe(0);
  expect(rig.machine.started.length).toBeGreaterThan(1);
  expect(rig.machine.calls).toContain("destroy");
});

test("a start of which the platform says nothing is found to have come to nothing, and the job fails after three", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.refusal = "Network connection lost.";
  await rig.dispatch();
  await rig.begunAnew(1);
  await rig.advance(3 * PolicyDefaults.startingMs);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "start-failed" } });
  expect(rig.machine.calls.filter((call) => call.startsWith("start "))).toHaveLength(3);
});

test("a start refused for want of capacity waits as queued, longer each time, over an eviction too", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.refusal = NO_CAPACITY;
  await rig.dispatch();
  const starts = () => rig.machine.calls.filter((call) => call.startsWith("start ")).length;
  expect(await rig.view()).toMatchObject({ status: "queued", attempt: 0 });
  expect(starts()).toBe(1);
  await rig.advance(4_999);
  expect(starts()).toBe(1);
  await rig.advance(1);
  expect(starts()).toBe(2);
  await rig.crash();
  await rig.advance(15_000);
  expect(starts()).toBe(3);
  await rig.advance(45_000);
  expect(starts()).toBe(4);
  await rig.advance(44_999);
  expect(starts()).toBe(4);
  rig.machine.refusal = null;
  await rig.advance(1);
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  expect(rig.machine.started).toHaveLength(1);
});

test("a job that finds no capacity within its limit fails, saying so", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.refusal = NO_CAPACITY;
  await rig.dispatch();
  await rig.advance(PolicyDefaults.queuedMs);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "capacity", retryable: true } });
  expect(view.error).toContain(NO_CAPACITY);
  expect((await rig.dump())["spec"]).toEqual([]);
  const starts = rig.machine.calls.length;
  rig.machine.refusal = null;
  await rig.advance(10 * 60_000);
  expect(rig.machine.calls).toHaveLength(starts);
});

test("a POST that fails is repeated until the harness takes the job", async ({ expect }) => {
  const rig = new Rig();
  let tries = 0;
  rig.machine.harnessScript.answer = ({ method }) => {
    if (method !== "POST") return null;
    tries += 1;
    return tries < 3 ? new Response("upstream", { status: 502 }) : null;
  };
  await rig.dispatch();
  expect((await rig.view()).status).toBe("starting");
  await rig.advance(1_000);
  expect(await rig.view()).toMatchObject({ status: "running", attempt: 1 });
  expect(tries).toBe(3);
});

test("a harness that never takes the job fails it at the third starting deadline, with what it answered", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.harnessScript.answer = ({ method }) =>
    method === "POST" ? new Response("", { status: 502 }) : null;
  await rig.dispatch({ policy: { startingMs: 6_000 } });
  await rig.advance(6_000);
  expect(await rig.view()).toMatchObject({ status: "starting", outcome: null });
  await rig.advance(18_000);
  expect(rig.machine.started).toHaveLength(3);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "failed", outcome: { code: "start-failed" } });
  expect(view.error).toContain("POST /jobs answered 502");
  expect(rig.machine.alive).toBeNull();
});

test("beats are routed before the container starts, so that none of it can be lost", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.interrupts.set("routeBeats", () => Promise.reject(new Error("the platform is busy")));
  await rig.dispatch();
  expect(rig.machine.started).toHaveLength(0);
  expect((await rig.view()).status).toBe("starting");
  rig.machine.interrupts.clear();
  await rig.advance(30_000);
  expect(rig.machine.started).toHaveLength(1);
  expect((await rig.view()).status).toBe("running");
});

test("the keys a harness is given are those of its instance and attempt, and stand nowhere in storage", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { instance } = job.envelope;
  const { sealer } = rig.world;
  const keyId = String((await rig.dump())["spec"]?.[0]?.["key_id"]);
  const { executionId } = rig;
  expect(job.secret).toBe(await sealer?.controlKey(keyId, { executionId, instance }));
  const place = { executionId, instance, jobId: job.jobId, attempt: 1 };
  expect(job.envelope.beatKey).toBe(await sealer?.beatKey(keyId, place));
  const stored = JSON.stringify(await rig.dump());
  expect(stored).not.toContain(job.secret);
  expect(stored).not.toContain(job.envelope.beatKey);
  expect(JSON.stringify(rig.machine.started[0]?.options)).not.toContain(job.envelope.beatKey);
});

test("a refusal for want of room is one also where the platform cannot say whether anything lives", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.refusal = "there is no container instance that can be provided to this durable object";
  rig.machine.blind = true;
  await rig.dispatch();
  await rig.begunAnew(1);
  expect(await rig.view()).toMatchObject({ status: "queued", phase: "waiting for capacity" });
});
