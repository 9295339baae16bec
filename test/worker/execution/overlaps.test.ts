import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { DispatchAnswer } from "../../../shared/job-view.ts";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { createSealer } from "../../../worker/sealing.ts";
import { createDeferred } from "./deferred.ts";
import { makeDispatch } from "./dispatches.ts";
import { Rig } from "./rig.ts";
import { SEALING_KEY } from "./world.ts";

afterEach(reset);

const STOPPED_MS = PolicyDefaults.stopGraceMs + PolicyDefaults.killGraceMs;
const other = btoa(String.fromCharCode(...new Uint8Array(32).fill(9)));
const done = { state: "done", result: {} } as const;

async function answerTo(rig: Rig, changes: Parameters<typeof makeDispatch>[1]): Promise<DispatchAnswer> {
  const answer = await rig.dispatch(changes);
  if (!answer.ok) throw new Error(answer.error);
  return answer.answer;
}

test("a dispatch that finds its job live, and ended when it comes back to it, begins a round with a spec of its own", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin({ jobId: "first", door: "native" });
  await rig.dispatch({ jobId: "second", door: "native" });
  const sealer = createSealer(SEALING_KEY);
  const held = createDeferred<undefined>();
  let opened = 0;
  rig.world.sealer = {
    ...sealer,
    open: async (place, chunks) => {
      opened += 1;
      if (opened === 1) await held.promise;
      return sealer.open(place, chunks);
    },
  };
  await rig.evict();
  const again = rig.object.dispatch(makeDispatch(rig.executionId, { jobId: "second", door: "native" }));
  await expect.poll(() => opened).toBe(1);
  await rig.object.release({ id: rig.executionId, reason: "over", waitMs: 0 });
  expect((await rig.view("second")).status).toBe("cancelled");
  await rig.happens(() => held.resolve(undefined));
  expect(await again).toMatchObject({ ok: true, answer: { round: 2 } });
  expect((await rig.dump())["spec"]?.some((row) => row["job_id"] === "second")).toBe(true);
  await rig.advance(STOPPED_MS);
  expect(await rig.view("second")).toMatchObject({ status: "running", round: 2 });
  expect(rig.given("second").body).toMatchObject({ prompt: "fix the test" });
});

test("a dispatch of a job whose release still stops it waits for that, and begins a round", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.machine.onSignal = () => undefined;
  await rig.object.release({ id: rig.executionId, reason: "over", waitMs: 0 });
  const again = rig.object.dispatch(makeDispatch(rig.executionId));
  await rig.quiet();
  expect(rig.machine.started).toHaveLength(1);
  await rig.advance(STOPPED_MS);
  expect(await again).toMatchObject({ ok: true, answer: { round: 2 } });
  await rig.quiet();
  expect(await rig.view()).toMatchObject({ status: "running", round: 2 });
  expect(rig.machine.started).toHaveLength(2);
  expect(rig.machine.replaced).toBe(0);
});

for (const door of ["job", "native"] as const) {
  test(`a job that had ended before the release begins a new round after it (${door})`, async ({
    expect,
  }) => {
    const rig = new Rig();
    const job = await rig.begin({ door });
    await rig.beat(job, { terminal: done });
    await rig.object.release({ id: rig.executionId, reason: "over", waitMs: 0 });
    await rig.evict();
    expect((await rig.view()).status).toBe("done");
    expect(await answerTo(rig, { door })).toMatchObject({ round: 2 });
  });
}

test("what else a live job was asked to be is ignored and named in the warnings", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin({ door: "native" });
  const before = await rig.everything();
  const { warnings } = await answerTo(rig, {
    door: "native",
    policy: { maxDurationMs: 7_200_000 },
    labels: { title: "another" },
    size: "standard-4",
    image: "ui",
  });
  expect(warnings).toEqual(
    ["policy", "labels", "image", "instance"].map(
      (what) => `${what} was ignored: the job is live with another value`,
    ),
  );
  expect(await rig.everything()).toEqual(before);
});

test("credentials that could not be replaced under a rotated key are named in the warnings", async ({
  expect,
}) => {
  const rig = new Rig();
  await rig.begin();
  rig.world.sealer = createSealer(`${other},${SEALING_KEY}`);
  await rig.evict();
  const before = await rig.dump();
  const { warnings } = await answerTo(rig, { spec: { ghToken: "fresh2Bv8Ny4Rt6Qw0" } });
  expect(warnings).toEqual([expect.stringContaining("the credentials were not replaced")]);
  expect((await rig.dump())["spec"]).toEqual(before["spec"]);
});

test("a job that waits takes fresh credentials under a rotated key, and works and beats with them", async ({
  expect,
}) => {
  const rig = new Rig();
  const first = await rig.begin({ jobId: "first" });
  await rig.dispatch({ jobId: "waits" });
  rig.world.sealer = createSealer(`${other},${SEALING_KEY}`);
  await rig.evict();
  const { warnings } = await answerTo(rig, { jobId: "waits", spec: { ghToken: "fresh2Bv8Ny4Rt6Qw0" } });
  expect(warnings).toBeUndefined();
  await rig.evict();
  await rig.beat(first, { terminal: done });
  const waits = rig.given("waits");
  expect(waits.body).toMatchObject({ ghToken: "fresh2Bv8Ny4Rt6Qw0" });
  expect(await rig.beat(waits, { terminal: done })).toMatchObject({ ok: true });
  expect((await rig.view("waits")).status).toBe("done");
});

test("a job that waits and that no key opens takes what it is dispatched with again, and is carried out", async ({
  expect,
}) => {
  const rig = new Rig();
  rig.machine.refusal = "There is no container instance that can be provided to this Durable Object";
  await rig.dispatch({ jobId: "waits" });
  rig.world.sealer = createSealer(other);
  await rig.crash();
  const { warnings } = await answerTo(rig, { jobId: "waits", spec: { prompt: "read it anew" } });
  expect(warnings).toBeUndefined();
  rig.machine.refusal = null;
  await rig.advance(10_000);
  expect(await rig.view("waits")).toMatchObject({ status: "running", round: 1 });
  expect(rig.given("waits").body).toMatchObject({ prompt: "read it anew" });
});

test("a late beat of the round before is known by the key of its own round", async ({ expect }) => {
  const rig = new Rig();
  const first = await rig.begin();
  await rig.beat(first, { terminal: done });
  await rig.object.take(first.jobId);
  rig.world.sealer = createSealer(`${other},${SEALING_KEY}`);
  await rig.evict();
  expect(await answerTo(rig, {})).toMatchObject({ round: 2 });
  await rig.quiet();
  expect(await rig.beat(first, { terminal: done })).toMatchObject({ ok: true });
  expect((await rig.view()).status).toBe("running");
});

test("warnings and differing fields are bounded, and say how many more there are", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  const spec = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`extra${index}`, index]));
  const { warnings } = await answerTo(rig, { spec });
  expect(warnings).toHaveLength(50);
  expect(warnings?.at(-1)).toBe("and 951 more");
  const native = new Rig();
  await native.begin({ door: "native" });
  const refused = await native.dispatch({ door: "native", spec });
  expect(refused).toMatchObject({ ok: false, code: "spec-differs" });
  expect(JSON.stringify(refused).length).toBeLessThan(10_000);
});

test("a cancel and an end that come at once leave one end, and the same at every reading", async ({
  expect,
}) => {
  for (const order of [
    ["beat", "cancel"],
    ["cancel", "beat"],
  ]) {
    const rig = new Rig();
    const job = await rig.begin();
    const calls = {
      beat: () => rig.beat(job, { terminal: done }),
      cancel: () => rig.object.cancel({ jobId: job.jobId, reason: "not wanted", waitMs: 0 }),
    };
    await Promise.all(order.map((name) => (name === "beat" ? calls.beat() : calls.cancel())));
    await rig.advance(STOPPED_MS);
    const { status } = await rig.view();
    expect(["done", "cancelled"]).toContain(status);
    await rig.evict();
    expect((await rig.view()).status).toBe(status);
    expect((await rig.events()).filter(({ kind }) => kind === "terminal")).toHaveLength(1);
  }
});
