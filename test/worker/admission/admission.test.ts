import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { Admission } from "../../../worker/admission/admission.ts";
import { DEFAULT_MAX_LIVE, maxLiveOf } from "../../../worker/admission/deps.ts";
import { LAPSE_MS } from "../../../worker/admission/place.ts";
import type { AdmissionRpc } from "../../../worker/admission/rpc.ts";
import { AdmissionRig } from "./rig.ts";
import { recordingLog } from "../recording-log.ts";

afterEach(reset);

const MINUTE = 60_000;
const granted = { kind: "granted" };

const remote = {
  request: true,
  renew: true,
  release: true,
  sweep: true,
  stats: true,
} as const satisfies Record<keyof AdmissionRpc, true>;

test("the object has no method that could be called from outside but those of its contract", ({ expect }) => {
  const names = Object.getOwnPropertyNames(Admission.prototype).filter((name) => name !== "constructor");
  expect(names.toSorted()).toEqual([...Object.keys(remote), "alarm"].toSorted());
});

test("who holds a slot and who waits at which place outlives the object's incarnation", async ({
  expect,
}) => {
  const rig = new AdmissionRig();
  for (const each of ["a", "b", "c", "d"]) await rig.request(each);
  const before = await rig.dump();
  await rig.evict();
  expect(await rig.dump()).toEqual(before);
  expect(await rig.request("d")).toEqual({ kind: "waiting", position: 2, live: 2, max: 2 });
  expect(await rig.request("c")).toMatchObject({ position: 1 });
  expect(await rig.renew("a")).toBe(true);
  await rig.release("b");
  await rig.evict();
  expect(await rig.request("c")).toEqual(granted);
  expect(await rig.request("e")).toMatchObject({ position: 2 });
});

test("a line in which nobody is left has no row and, once its alarm has fired, no alarm", async ({
  expect,
}) => {
  const rig = new AdmissionRig();
  await rig.request("a");
  await rig.renew("a");
  await rig.release("a");
  await rig.release("a");
  expect((await rig.dump())["place"]).toEqual([]);
  await rig.advance(10 * MINUTE);
  expect(await rig.alarmAt()).toBeNull();
  expect(rig.world.said).toEqual([]);
});

test("who is next is told when a slot is given back, and loses nothing where the word is lost", async ({
  expect,
}) => {
  const rig = new AdmissionRig();
  rig.world.max = 1;
  for (const each of ["a", "b", "c"]) await rig.request(each);
  rig.world.executions = {
    ...rig.world.executions,
    granted: () => Promise.reject(new Error("the object is overloaded")),
  };
  await rig.release("a");
  expect(rig.world.said).toEqual(["granted b"]);
  expect(await rig.request("c")).toMatchObject({ kind: "waiting", position: 1 });
  expect(await rig.request("b")).toEqual(granted);
  expect(rig.events("slot.untold")).toMatchObject([{ executionId: "b" }]);
});

test("a slot lapses by the object's own alarm, and the one that is next gets it", async ({ expect }) => {
  const rig = new AdmissionRig();
  rig.world.max = 1;
  rig.world.executions = { ...rig.world.executions, tend: () => Promise.reject(new Error("no answer")) };
  await rig.request("a");
  await rig.advance(2 * MINUTE);
  await rig.request("b", 20 * MINUTE);
  await rig.advance(LAPSE_MS - 2 * MINUTE - 1);
  expect(await rig.object.stats()).toMatchObject({ live: 1, waiting: 1, lapsed: 0 });
  expect(rig.world.said).not.toContain("granted b");
  await rig.advance(1);
  expect(rig.world.said).toContain("granted b");
  expect(await rig.object.stats()).toMatchObject({ live: 1, waiting: 0, lapsed: 1 });
  expect(await rig.renew("a")).toBe(false);
  expect(await rig.object.stats()).toMatchObject({ live: 2, max: 1, lapsed: 0 });
});

test("renewals do not move the alarm, and what they renew does not lapse", async ({ expect }) => {
  const rig = new AdmissionRig();
  await rig.request("a");
  const first = await rig.alarmAt();
  for (let tick = 0; tick < 40; tick += 1) {
    await rig.advance(30_000);
    expect(await rig.renew("a")).toBe(true);
    if (tick === 0) expect(await rig.alarmAt()).toBe(first);
  }
  expect(rig.world.said).toEqual([]);
});

test("of a row that cannot be read the execution is asked, whatever it had, and it comes back by renewing", async ({
  expect,
}) => {
  const rig = new AdmissionRig();
  for (const each of ["a", "b"]) await rig.request(each);
  await runInDurableObject(rig.object, (_, state) => {
    state.storage.sql.exec("UPDATE place SET state = '{\"version\":99' WHERE execution_id = 'a'");
  });
  await rig.evict();
  expect(await rig.object.stats()).toMatchObject({ live: 1 });
  expect(rig.events("admission.rows-unreadable")).toEqual([{ unreadable: 1 }]);
  await rig.alarm();
  expect(rig.world.said).toContain("tend a");
  expect(await rig.renew("a")).toBe(false);
  expect(await rig.object.stats()).toMatchObject({ live: 2 });
});

test("a write that fails is answered with an error, the line is as it was, and an alarm stands", async ({
  expect,
}) => {
  const rig = new AdmissionRig();
  await rig.request("a");
  await runInDurableObject(rig.object, async (object, { storage }) => {
    storage.sql.exec("ALTER TABLE place RENAME TO hidden");
    const asking = { executionId: "b", nextDeadlineAt: rig.now };
    await expect(object.request(asking)).rejects.toThrow(/no such table/);
    await expect(object.release({ executionId: "a", nextDeadlineAt: null })).rejects.toThrow(/no such table/);
  });
  rig.world.clock.moveTo(rig.now + LAPSE_MS);
  for (let delivery = 0; delivery < 8; delivery += 1) await rig.alarm();
  expect(await rig.alarmAt()).toBeGreaterThan(rig.now);
  expect(rig.events("alarm.failed")).toHaveLength(8);
  await runInDurableObject(rig.object, (_, { storage }) => {
    storage.sql.exec("ALTER TABLE hidden RENAME TO place");
  });
  expect(await rig.object.stats()).toMatchObject({ live: 1, waiting: 0 });
  expect((await rig.dump())["place"]).toHaveLength(1);
  expect(await rig.request("b")).toEqual(granted);
});

test("fifty executions at once get the slots in the order of asking", async ({ expect }) => {
  const rig = new AdmissionRig();
  rig.world.max = 20;
  const ids = Array.from({ length: 50 }, (_, n) => `e${n}`);
  const answers = await Promise.all(ids.map((id) => rig.request(id)));
  expect(answers.filter(({ kind }) => kind === "granted")).toHaveLength(20);
  const waiting = answers.flatMap((answer) => (answer.kind === "waiting" ? [answer.position] : []));
  expect(waiting).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  await rig.evict();
  for (const [n, id] of ids.entries()) {
    expect(await rig.request(id)).toEqual(granted);
    await rig.release(id);
    const next = ids[n + 20];
    if (next !== undefined) expect(rig.world.said).toContain(`granted ${next}`);
  }
  expect(rig.world.said.filter((each) => each.startsWith("granted"))).toEqual(
    ids.slice(20).map((id) => `granted ${id}`),
  );
  expect((await rig.dump())["place"]).toEqual([]);
});

test("a slot's way is in the log, a renewal is not", async ({ expect }) => {
  const rig = new AdmissionRig();
  rig.world.max = 1;
  await rig.request("a");
  await rig.request("b");
  await rig.renew("a");
  rig.world.clock.moveTo(rig.now + 1_000);
  await rig.release("a");
  await rig.release("b");
  expect(rig.world.log.map(({ event, fields }) => [event, fields["executionId"]])).toEqual([
    ["slot.granted", "a"],
    ["place.joined", "b"],
    ["slot.released", "a"],
    ["slot.granted", "b"],
    ["slot.released", "b"],
  ]);
  expect(rig.events("slot.granted")[1]).toMatchObject({ waitedMs: 1_000, live: 1, max: 1 });
});

test("the bound is a whole number from 1; anything else is said in the log, and the default holds", ({
  expect,
}) => {
  const lines: string[] = [];
  const log = recordingLog(({ level, event }) => void lines.push(`${level} ${event}`));
  const read = (text?: string) =>
    maxLiveOf(text === undefined ? {} : { HOLT_MAX_LIVE_EXECUTIONS: text }, log);
  expect([read(), read(""), read(" 7 "), read("1")]).toEqual([DEFAULT_MAX_LIVE, DEFAULT_MAX_LIVE, 7, 1]);
  expect(lines).toEqual([]);
  for (const bad of ["0", "-1", "2.5", "many", "1e3", "99999999"]) expect(read(bad)).toBe(DEFAULT_MAX_LIVE);
  expect(lines).toEqual(Array.from({ length: 6 }, () => "error admission.bad-limit"));
});
