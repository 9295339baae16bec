import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { PolicyDefaults } from "../../../shared/policy.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { makeDispatch } from "./dispatches.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const STOPPED_MS = PolicyDefaults.stopGraceMs + PolicyDefaults.killGraceMs;
const RELEASED_GRACE_MS = 90_000;

async function release(rig: Rig, waitMs = 0) {
  const answer = await rig.object.release({ id: rig.executionId, reason: "over", waitMs });
  await rig.quiet();
  return answer;
}

async function taken(rig: Rig, jobId: string): Promise<JobView> {
  const read = await rig.object.take(jobId);
  if (!read.ok || !("view" in read)) throw new Error("no view");
  return read.view;
}

test("a released execution stops its jobs and destroys its container; under the native API they are cancelled", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ door: "native", jobId: "first" });
  await rig.dispatch({ door: "native", jobId: "second" });
  rig.machine.onSignal = () => undefined;
  expect(await release(rig)).toMatchObject({
    ok: true,
    answer: { jobId: rig.executionId, status: "stopping" },
  });
  expect(await rig.view("second")).toMatchObject({ status: "cancelled", outcome: { code: "released" } });
  await rig.evict();
  await rig.advance(STOPPED_MS);
  expect(rig.machine.alive).toBeNull();
  const view = await rig.view("first");
  expect(view).toMatchObject({ status: "cancelled", error: "released: over", outcome: { code: "released" } });
  expect(view.evicted).toBeUndefined();
  expect(await release(rig)).toMatchObject({ ok: true, answer: { status: "done" } });
});

test("a released job of the job protocol reads as stopping, and after its grace as a crash", async ({
  expect,
}) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  await release(rig);
  await rig.advance(STOPPED_MS);
  expect(rig.machine.alive).toBeNull();
  expect(await taken(rig, jobId)).toMatchObject({ state: "running", status: "stopping", phase: "stopping" });
  await rig.evict();
  const before = await taken(rig, jobId);
  await rig.advance(RELEASED_GRACE_MS);
  const view = await taken(rig, jobId);
  expect(view).toMatchObject({ state: "failed", status: "evicted", evicted: "crash", phase: "failed" });
  expect(view.error).toContain("(container evicted or crashed)");
  expect(view.error).not.toContain("transient");
  expect(view.revision).toBeGreaterThan(before.revision);
});

test("a job that was cancelled before the release stays cancelled at both doors", async ({ expect }) => {
  const rig = new Rig();
  const { jobId } = await rig.begin();
  await rig.object.cancel({ jobId, reason: "not wanted", waitMs: 0 });
  await release(rig);
  await rig.advance(STOPPED_MS);
  expect(await rig.view()).toMatchObject({ status: "cancelled", outcome: { code: "cancelled" } });
  expect(await taken(rig, jobId)).toMatchObject({
    state: "failed",
    status: "cancelled",
    error: "cancelled: not wanted",
  });
});

for (const door of ["job", "native"] as const) {
  test(`a release is no tombstone: the job starts anew in a fresh container (${door})`, async ({
    expect,
  }) => {
    const rig = new Rig();
    const { envelope } = await rig.begin({ door });
    await release(rig);
    await rig.advance(STOPPED_MS);
    expect(rig.machine.alive).toBeNull();
    await rig.evict();
    expect(await rig.dispatch({ door })).toMatchObject({ ok: true, answer: { round: 2 } });
    expect(await rig.view()).toMatchObject({ status: "running", round: 2, attempt: 2 });
    expect(rig.machine.started).toHaveLength(2);
    expect(rig.machine.replaced).toBe(0);
    expect(rig.given(`${rig.executionId}-coder`).envelope.instance).not.toBe(envelope.instance);
  });
}

test("a dispatch while the release still stops waits for the proof of death", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  await release(rig);
  await rig.dispatch({ jobId: "next" });
  expect((await rig.view("next")).status).toBe("queued");
  expect(rig.machine.started).toHaveLength(1);
  await rig.advance(STOPPED_MS);
  expect(rig.machine.started).toHaveLength(2);
  expect(rig.machine.replaced).toBe(0);
  expect((await rig.view("next")).status).toBe("running");
});

test("a dispatch of a job whose release is not proved in time is refused, to be sent again, and not answered as accepted", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ door: "native" });
  rig.machine.onSignal = () => undefined;
  rig.machine.undestroyable = true;
  await release(rig);
  const again = rig.object.dispatch(makeDispatch(rig.executionId, { door: "native" }));
  await rig.advance(STOPPED_MS);
  await rig.advance(25_000);
  expect(await again).toMatchObject({ ok: false, code: "being-released" });
  const { round, status } = await rig.view();
  expect({ round, status }).toEqual({ round: 1, status: "stopping" });

  rig.machine.undestroyable = false;
  await rig.advance(30_000);
  expect(await rig.dispatch({ door: "native" })).toMatchObject({ ok: true, answer: { round: 2 } });
  expect((await rig.view()).status).toBe("running");
});

test("an idle container is destroyed at a release, and the answer waits for it", async ({ expect }) => {
  const rig = new Rig();
  const job = await rig.begin();
  await rig.beat(job, { terminal: { state: "done", result: {} } });
  expect(await release(rig, 20_000)).toMatchObject({ ok: true, answer: { status: "done" } });
  expect(rig.machine.alive).toBeNull();
  expect((await rig.view()).status).toBe("done");
});

test("a second release changes nothing", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  await release(rig);
  await rig.advance(STOPPED_MS);
  const before = await rig.everything();
  await release(rig);
  expect(await rig.everything()).toEqual(before);
});
