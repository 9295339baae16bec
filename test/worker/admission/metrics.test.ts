import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { OVERDUE_MS } from "../../../worker/admission/place.ts";
import { AdmissionRig } from "./rig.ts";

afterEach(reset);

const gauges = (rig: AdmissionRig) =>
  Object.fromEntries(rig.world.points.map(({ name, value }) => [name, value]));

test("each sweep, asking or not, measures how it stands with the slots", async ({ expect }) => {
  const rig = new AdmissionRig();
  await rig.request("a");
  await rig.request("b");
  rig.world.clock.moveTo(rig.now + 1_000);
  await rig.request("c");
  expect(rig.world.points).toEqual([]);
  rig.world.clock.moveTo(rig.now + 7_000);
  await rig.object.sweep();
  expect(rig.world.said).toEqual([]);
  expect(gauges(rig)).toEqual({
    "slots-live": 2,
    "slots-waiting": 1,
    "slots-max": 2,
    "slots-oldest-wait": 7_000,
    "slots-lapsed": 0,
  });
  expect(rig.world.points.map(({ about }) => about.executionId)).toEqual(Array(5).fill("admission"));
});

test("an orphan and an unanswered visit are measured once, over an eviction too", async ({ expect }) => {
  const rig = new AdmissionRig();
  rig.world.executions = {
    ...rig.world.executions,
    tend: async (executionId) => {
      if (executionId === "b") throw new Error("no answer");
      return { live: false, nextDeadlineAt: null, destroyedMs: 90_000 };
    },
  };
  await rig.request("a", 30_000);
  await rig.request("b", 30_000);
  rig.world.clock.moveTo(rig.now + 30_000 + OVERDUE_MS);
  await rig.alarm();
  await rig.evict();
  await rig.object.sweep();
  const seen = rig.world.points.filter(({ name }) => name === "orphan" || name === "sweep-failed");
  expect(seen.map(({ name, value, about }) => [name, value, about.executionId])).toEqual([
    ["orphan", 90, "a"],
    ["sweep-failed", 1, "admission"],
  ]);
});
