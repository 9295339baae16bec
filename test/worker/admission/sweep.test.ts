import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { ADMISSION_NAME } from "../../../worker/admission/client.ts";
import { MAX_ASKED } from "../../../worker/admission/visits.ts";
import { OVERDUE_MS } from "../../../worker/admission/place.ts";
import type { Tended } from "../../../worker/execution/rpc.ts";
import { createDeferred } from "../execution/deferred.ts";
import worker from "../worker.ts";
import { AdmissionRig } from "./rig.ts";

afterEach(reset);

const MINUTE = 60_000;
const alive: Tended = { live: true, nextDeadlineAt: null, destroyedMs: null };
const gone: Tended = { live: false, nextDeadlineAt: null, destroyedMs: null };

/** A line in which these hold a slot and are overdue; its executions answer as they are told. */
async function overdue(
  ids: readonly string[],
  tend: (executionId: string) => Promise<Tended>,
  rig = new AdmissionRig(),
): Promise<AdmissionRig> {
  rig.world.executions = { ...rig.world.executions, tend };
  for (const id of ids) await rig.renew(id, 30_000);
  rig.world.clock.moveTo(rig.now + 30_000 + OVERDUE_MS);
  return rig;
}

test("the object's own alarm asks what is two minutes overdue, and not before", async ({ expect }) => {
  const rig = new AdmissionRig();
  await rig.request("a", 30_000);
  await rig.advance(30_000 + OVERDUE_MS - 1);
  expect(rig.world.said).toEqual([]);
  await rig.advance(1);
  expect(rig.world.said).toEqual(["tend a"]);
  expect(rig.events("sweep.done")).toMatchObject([{ by: "alarm", asked: 1, failed: 0 }]);
});

test("slots of what is not live are given back, and the others keep theirs", async ({ expect }) => {
  const rig = await overdue(["a", "b", "c"], async (id) => (id === "b" ? gone : alive));
  await rig.alarm();
  expect(await rig.object.stats()).toMatchObject({ live: 2, swept: 3, failed: 0 });
  expect((await rig.dump())["place"]?.map((row) => row["execution_id"])).toEqual(["a", "c"]);
});

test("one that fails keeps no other from being asked, and is asked again", async ({ expect }) => {
  const rig = await overdue(["a", "b", "c"], async (id) => {
    if (id === "a") throw new Error("internal error");
    return alive;
  });
  await rig.alarm();
  expect(rig.world.said).toEqual(["tend a", "tend b", "tend c"]);
  expect(await rig.object.stats()).toMatchObject({ live: 3, swept: 2, failed: 1 });
  expect(rig.events("sweep.unanswered")).toMatchObject([{ executionId: "a" }]);
  expect(await rig.alarmAt()).toBe(rig.now + 30_000);
});

test("no more than ten are asked at the same time, and one that hangs holds up only itself", async ({
  expect,
}) => {
  const hung = createDeferred<Tended>();
  let [atOnce, most] = [0, 0];
  const ids = Array.from({ length: 30 }, (_, n) => `e${n}`);
  const rig = await overdue(ids, async (id) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    if (id === "e0") await hung.promise;
    else await scheduler.wait(0);
    atOnce -= 1;
    if (rig.world.said.length === ids.length) hung.resolve(alive);
    return alive;
  });
  await rig.alarm();
  expect(rig.world.said).toHaveLength(30);
  expect(most).toBe(10);
});

test("more than one sweep's worth is asked by the sweeps that follow at once", async ({ expect }) => {
  const rig = await overdue(
    Array.from({ length: MAX_ASKED + 5 }, (_, n) => `e${n}`),
    async () => alive,
  );
  await rig.alarm();
  expect(rig.world.said).toHaveLength(MAX_ASKED);
  expect(await rig.alarmAt()).toBe(rig.now + 1);
  await rig.advance(1);
  expect(rig.world.said).toHaveLength(MAX_ASKED + 5);
});

test("orphans are counted with their time, over an eviction too", async ({ expect }) => {
  const rig = await overdue(["a", "b"], async (id) => ({ ...gone, destroyedMs: id === "a" ? 90_000 : 0 }));
  await rig.alarm();
  const counted = { live: 0, swept: 2, orphans: 2, orphanSeconds: 90 };
  expect(await rig.object.stats()).toMatchObject(counted);
  await rig.evict();
  expect(await rig.object.stats()).toMatchObject(counted);
  expect(rig.events("orphan.destroyed")).toHaveLength(2);
});

test("a sweep that its object does not outlive is made up for by the next", async ({ expect }) => {
  const rig = await overdue(["a"], () => new Promise(() => undefined));
  const ended = runInDurableObject(rig.object, async (object, state) => {
    void object.alarm();
    state.abort("ended inside the sweep");
  });
  await expect(ended).rejects.toThrow("ended inside the sweep");
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  rig.world.executions = { ...rig.world.executions, tend: async () => gone };
  await rig.advance(2 * MINUTE);
  expect(await rig.object.stats()).toMatchObject({ live: 0, swept: 1 });
});

test("the oldest wait is that of the first in line", async ({ expect }) => {
  const rig = new AdmissionRig();
  rig.world.max = 1;
  for (const each of ["a", "b", "c"]) {
    await rig.request(each);
    await rig.advance(10_000);
  }
  expect(await rig.object.stats()).toMatchObject({ live: 1, waiting: 2, oldestWaitMs: 20_000 });
});

test("the cron trigger sweeps, and sets the alarm anew that the platform lost", async ({ expect }) => {
  const rig = await overdue(
    ["a", "b"],
    async (id) => (id === "a" ? gone : alive),
    new AdmissionRig(ADMISSION_NAME),
  );
  await rig.loseAlarm();
  await worker.scheduled();
  expect(await rig.object.stats()).toMatchObject({ live: 1, swept: 2 });
  expect(rig.events("sweep.done")).toMatchObject([{ by: "cron", asked: 2 }]);
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
});
