import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeOutput } from "./harness-events.ts";
import { Rig, replyOf } from "./rig.ts";

afterEach(reset);

const { stopGraceMs, killGraceMs } = PolicyDefaults;

async function cancel(rig: Rig, jobId = `${rig.executionId}-coder`) {
  const answer = await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0 });
  await rig.quiet();
  return answer;
}

async function evidence(rig: Rig): Promise<readonly string[]> {
  return (await rig.view()).outcome?.evidence.map(({ code }) => code) ?? [];
}

function signals(rig: Rig): readonly string[] {
  return rig.machine.calls.filter((call) => call.startsWith("signal") || call === "destroy");
}

test("a job that waits behind another is cancelled at once, and the other goes on", async ({ expect }) => {
  const rig = new Rig();
  const first = await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "second" });
  const answer = await cancel(rig, "second");
  expect(answer).toEqual({ ok: true, answer: { jobId: "second", state: "failed", status: "cancelled" } });
  expect(await rig.view("second")).toMatchObject({
    error: "cancelled: not wanted",
    outcome: { code: "cancelled" },
  });
  await rig.beat(first, { terminal: { state: "done", result: {} } });
  expect((await rig.view("first")).status).toBe("done");
  expect((await rig.view("second")).status).toBe("cancelled");
  expect(rig.machine.harness.jobs.has("second")).toBe(false);
});

test("a job that waits for capacity is cancelled at once and never started", async ({ expect }) => {
  const rig = new Rig();
  rig.machine.refusal = "There is no container instance that can be provided to this Durable Object";
  await rig.dispatch();
  await cancel(rig);
  rig.machine.refusal = null;
  await rig.crash();
  await rig.advance(60_000);
  expect((await rig.view()).status).toBe("cancelled");
  expect(rig.machine.started).toHaveLength(0);
});

test("invariant 16: a cancel stored before the start forbids it, whatever the start was waiting for", async ({
  expect,
}) => {
  const rig = new Rig();
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  rig.machine.interrupts.set("routeBeats", () => held);
  await rig.dispatch();
  expect((await rig.view()).status).toBe("starting");
  await cancel(rig);
  await rig.happens(() => goOn());
  expect(rig.machine.started).toHaveLength(0);
  expect(await rig.view()).toMatchObject({ status: "cancelled", attempt: 0 });
  await rig.evict();
  await rig.advance(120_000);
  expect(rig.machine.started).toHaveLength(0);
  expect((await rig.dump())["spec"]).toEqual([]);
});

test("invariant 16: a cancel forbids the start also where the object ends between the two", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.interrupts.set("routeBeats", () => new Promise(() => undefined));
  await rig.dispatch();
  await rig.object.cancel({ jobId: `${rig.executionId}-coder`, reason: "not wanted", waitMs: 0 });
  rig.machine.interrupts.clear();
  await rig.crash();
  await rig.advance(120_000);
  expect((await rig.view()).status).toBe("cancelled");
  expect(rig.machine.started).toHaveLength(0);
});

test("a job whose container is starting is cancelled by its destruction, without a question", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.harnessScript.listening = false;
  await rig.dispatch();
  await cancel(rig);
  expect(rig.machine.alive).toBeNull();
  expect(signals(rig)).toEqual(["destroy"]);
  expect((await rig.view()).status).toBe("cancelled");
  expect(await evidence(rig)).toEqual(["stop-requested", "destroy-requested", "dead"]);
  await rig.crash();
  await rig.advance(120_000);
  expect(rig.machine.started).toHaveLength(1);
});

test("a running job is asked, then signalled, then destroyed, each step with its evidence", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  rig.machine.onSignal = () => undefined;
  await cancel(rig);
  expect(await rig.view()).toMatchObject({ status: "stopping", state: "running", phase: "stopping" });
  const told = rig.machine.harness.asked.filter(({ method }) => method === "DELETE");
  expect(told).toEqual([
    { method: "DELETE", path: `/jobs/${job.jobId}`, body: { cause: "cancelled", graceMs: stopGraceMs } },
  ]);
  const { directives } = replyOf(await rig.beat(job, { events: [makeOutput(1)] }));
  expect(directives).toEqual([{ kind: "stop", cause: "cancelled", graceMs: stopGraceMs }]);
  await rig.advance(stopGraceMs - 1);
  expect(signals(rig)).toEqual([]);
  await rig.advance(1);
  expect(signals(rig)).toEqual(["signal 15"]);
  await rig.advance(killGraceMs);
  expect(signals(rig)).toEqual(["signal 15", "destroy"]);
  expect(rig.machine.alive).toBeNull();
  const view = await rig.view();
  expect(view).toMatchObject({ status: "cancelled", exit: { code: 137, cause: "self-stopped" } });
  expect(view.evicted).toBeUndefined();
  expect(view.error).toBe("cancelled: not wanted");
  expect(await evidence(rig)).toEqual([
    "stop-requested",
    "stop-delivered",
    "sigterm",
    "signal-15-sent",
    "destroy",
    "destroy-requested",
    "dead",
  ]);
});

test("a cancel goes on through evictions at every step of it", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  await cancel(rig);
  await rig.evict();
  await rig.advance(stopGraceMs);
  expect(signals(rig)).toEqual(["signal 15"]);
  await rig.evict();
  await rig.advance(killGraceMs + 1_000);
  expect(rig.machine.alive).toBeNull();
  await rig.evict();
  expect((await rig.view()).status).toBe("cancelled");
  expect(rig.machine.started).toHaveLength(1);
});

test("a harness that stops when asked is signalled at once and not destroyed", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await cancel(rig);
  const result = { pushed: true, branch: "fix" };
  await rig.beat(job, {
    terminal: { state: "failed", error: "stopped", detail: "in the agent phase", result },
  });
  expect(signals(rig)).toEqual(["signal 15"]);
  const view = await rig.view();
  expect(view).toMatchObject({ status: "cancelled", exit: { code: 143, cause: "self-stopped" }, result });
  expect(await evidence(rig)).toContain("harness-ended");
});

test("invariant 16: a job that was done before the cancel stays done", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: { summary: "in time" } } });
  const before = await rig.dump();
  expect(await cancel(rig)).toMatchObject({ ok: true, answer: { status: "done", state: "done" } });
  expect(await rig.dump()).toEqual(before);
});

test("invariant 16: an end that comes after the cancel leaves it cancelled and keeps what was achieved", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  await cancel(rig);
  await rig.beat(job, {
    terminal: { state: "done", result: { pushed: true, prUrl: "https://git.example/1" } },
  });
  await rig.evict();
  const view = await rig.view();
  expect(view).toMatchObject({ status: "cancelled", state: "failed", result: { pushed: true } });
  const answer = await rig.dispatch({ door: "native" });
  expect(answer).toMatchObject({ ok: false, code: "already-finished" });
});

test("a cancel waits for the proof of death before it answers, and no longer than it may", async ({
  expect,
}) => {
  const rig = new Rig();
  const job = await rig.begin();
  const { jobId } = job;
  const impatient = await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0 });
  expect(impatient).toMatchObject({ ok: true, answer: { status: "stopping", state: "running" } });
  const patient = rig.object.cancel({ jobId, reason: "again", waitMs: 20_000 });
  await rig.quiet();
  await rig.beat(job, { terminal: { state: "failed", error: "stopped" } });
  expect(await patient).toEqual({ ok: true, answer: { jobId, state: "failed", status: "cancelled" } });
  expect((await rig.view()).error).toBe("cancelled: not wanted");
  expect((await rig.events()).filter(({ kind }) => kind === "cancel-requested")).toHaveLength(1);
});

test("a stop the harness cannot be told is delivered by signal", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.harnessScript.listening = false;
  await cancel(rig);
  await rig.advance(stopGraceMs);
  expect((await rig.view()).status).toBe("cancelled");
  expect(await evidence(rig)).toContain("stop-not-delivered");
});

test("a cancel of a container that was lost from sight resets the object, and its successor destroys it", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  await cancel(rig);
  await rig.advance(stopGraceMs);
  await rig.losesSight();
  expect(rig.machine.alive).toBeNull();
  expect((await rig.view()).status).toBe("cancelled");
});

test("invariant 16: a container out of sight is not taken for dead because it cannot be seen", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  await rig.losesSight();
  // So soon after the first loss the object does not begin anew for the second.
  await rig.happens(() => rig.machine.loseMonitor());
  await cancel(rig);
  await rig.advance(stopGraceMs + killGraceMs);
  expect(rig.machine.alive).not.toBeNull();
  const view = await rig.view();
  expect(view.status).toBe("stopping");
  expect(view.notes.map(({ code }) => code)).toContain("death-not-proved");
  await rig.advance(60_000);
  expect(rig.machine.alive).toBeNull();
  expect((await rig.view()).status).toBe("cancelled");
});

test("a death that is not proved is retried, and after twenty minutes the job says so", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  rig.machine.undestroyable = true;
  await cancel(rig);
  await rig.advance(stopGraceMs + killGraceMs + 60_000);
  const stopping = await rig.view();
  expect(stopping.status).toBe("stopping");
  const said = stopping.notes.find(({ code }) => code === "death-not-proved");
  expect(said?.text).toContain("destroy did not end");
  expect(stopping.attention).toEqual({ since: said?.at, why: "the container's death is not proved yet" });
  expect(signals(rig).filter((call) => call === "destroy").length).toBeGreaterThanOrEqual(4);
  await rig.crash();
  await rig.advance(20 * 60_000);
  expect(await rig.view()).toMatchObject({ status: "failed", outcome: { code: "stop-unproven" } });
  await rig.dispatch({ jobId: "next" });
  expect((await rig.view("next")).status).toBe("queued");
  expect(rig.machine.started).toHaveLength(1);
  rig.machine.undestroyable = false;
  await rig.advance(15_000);
  expect((await rig.view("next")).status).toBe("running");
  expect((await rig.view()).outcome?.code).toBe("stop-unproven");
});

test("a cancel takes over the stop of a deadline", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin({ policy: { cloneMs: 5_000 } });
  rig.machine.onSignal = () => undefined;
  await rig.beat(job, { phase: "clone" });
  await rig.advance(5_000);
  expect((await rig.view()).status).toBe("stopping");
  await cancel(rig);
  await rig.advance(stopGraceMs + killGraceMs);
  expect(await rig.view()).toMatchObject({ status: "cancelled", error: "cancelled: not wanted" });
});
