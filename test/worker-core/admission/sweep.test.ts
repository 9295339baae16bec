import { test } from "vitest";
import { nextAlarmAt, slotCount } from "../../../worker/admission/line.ts";
import { MAX_ASKED } from "../../../worker/admission/visits.ts";
import { LAPSE_MS, OVERDUE_MS } from "../../../worker/admission/place.ts";
import { alive, gone, LineRun, MINUTE } from "./build.ts";

const granted = { kind: "granted" };
const DAY = 24 * 60 * MINUTE;

test("an execution is asked two minutes after it should have acted, and no earlier", ({ expect }) => {
  const run = new LineRun();
  run.request("a", 0, 30_000);
  run.sweep(30_000 + OVERDUE_MS - 1);
  expect(run.wanted()).toEqual([]);
  run.sweep(1);
  expect(run.wanted()).toEqual(["tend a"]);
});

test("one that is being asked is not asked by another sweep at the same time, but is after two minutes", ({
  expect,
}) => {
  const run = new LineRun();
  run.request("a");
  run.sweep(3 * MINUTE);
  run.sweep();
  run.sweep(2 * MINUTE - 1);
  expect(run.wanted()).toEqual(["tend a"]);
  run.sweep(1);
  expect(run.wanted()).toEqual(["tend a"]);
});

test("the most overdue are asked first, so many at a time, and the rest at once after them", ({ expect }) => {
  const run = new LineRun(1_000);
  for (let n = 0; n <= MAX_ASKED; n += 1) run.request(`e${n}`, 0, 30_000 + (MAX_ASKED - n));
  run.sweep(4 * MINUTE);
  const first = run.wanted();
  expect(first).toHaveLength(MAX_ASKED);
  expect(first[0]).toBe(`tend e${MAX_ASKED}`);
  expect(nextAlarmAt(run.line)).toBeLessThanOrEqual(run.now);
  run.sweep();
  expect(run.wanted()).toEqual(["tend e0"]);
});

test("what is not live gives its slot back to the first in line", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(3 * MINUTE);
  run.request("b");
  run.wanted();
  run.tended("a", gone);
  expect(run.wanted()).toEqual(["tell b"]);
  expect(run.line.places.has("a")).toBe(false);
});

test("what is live keeps its slot, and is watched by its next deadline", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(3 * MINUTE);
  run.tended("a", { ...alive, nextDeadlineAt: run.now + MINUTE });
  expect(run.place("a")).toMatchObject({ kind: "slot", lapsed: false, renewedAt: run.now });
  expect(nextAlarmAt(run.line)).toBe(run.now + MINUTE + OVERDUE_MS);
});

test("a slot that lapsed is held again when its execution is found alive", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(LAPSE_MS);
  expect(run.request("b")).toEqual(granted);
  run.tended("a", alive);
  expect(slotCount(run.line)).toBe(2);
  expect(run.renew("a")).toBe(true);
});

test("an answer from before the execution's last word frees nothing", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(3 * MINUTE);
  const { touch } = run.place("a");
  run.request("a");
  const before = run.line.places;
  run.tended("a", gone, touch);
  expect(run.line.places).toBe(before);
  run.release("a");
  run.tended("a", alive, touch);
  expect(run.line.places.size).toBe(0);
});

test("a question that fails frees nothing before the lapse, and is put again ever more seldom", ({
  expect,
}) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(30_000 + OVERDUE_MS);
  const pauses: number[] = [];
  for (let failure = 0; failure < 8; failure += 1) {
    run.tended("a", null);
    const { checkAt, renewedAt } = run.place("a");
    expect(run.place("a").lapsed).toBe(run.now >= renewedAt + LAPSE_MS);
    pauses.push(checkAt - run.now);
    run.sweep(checkAt - run.now);
  }
  expect(pauses).toEqual([30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_200_000, 1_200_000]);
  expect(run.line.totals).toMatchObject({ swept: 0, failed: 8 });
  expect(run.place("a").lapsed).toBe(true);
});

test("one that cannot be asked for a day after its lapse is forgotten, and comes back by asking", ({
  expect,
}) => {
  const run = new LineRun(1);
  run.request("a");
  run.sweep(LAPSE_MS);
  run.tended("a", null);
  run.sweep(DAY - LAPSE_MS - 1);
  run.tended("a", null);
  expect(run.line.places.has("a")).toBe(true);
  run.sweep(1);
  expect(run.line.places.has("a")).toBe(false);
  expect(nextAlarmAt(run.line)).toBeNull();
  expect(run.request("a")).toEqual(granted);
});

test("containers that ran though nothing needed them are counted with their time, also on a late answer", ({
  expect,
}) => {
  const run = new LineRun();
  run.request("a");
  run.sweep(3 * MINUTE);
  const { touch } = run.place("a");
  run.tended("a", { ...gone, destroyedMs: 90_000 }, touch);
  run.tended("a", { ...alive, destroyedMs: 0 }, touch);
  run.tended("a", alive, touch);
  expect(run.line.totals).toEqual({ swept: 3, failed: 0, orphans: 2, orphanMs: 90_000 });
});

for (const [what, nextMs] of [
  ["a day ahead", DAY],
  ["a day behind", -DAY],
  ["nowhere", Number.NaN],
  ["at the end of all time", Number.POSITIVE_INFINITY],
] as const) {
  test(`an execution whose clock is ${what} is watched like any other`, ({ expect }) => {
    const run = new LineRun();
    run.request("a", 0, nextMs);
    run.sweep(OVERDUE_MS - 1);
    expect(run.wanted()).toEqual([]);
    run.sweep(LAPSE_MS - OVERDUE_MS + 1);
    expect(run.wanted()).toEqual(["tend a"]);
  });
}

test("a clock of the line that was a day ahead keeps no slot for a day", ({ expect }) => {
  const run = new LineRun(1);
  run.now += DAY;
  run.request("a");
  run.now -= DAY;
  run.request("b");
  expect(nextAlarmAt(run.line)).toBeLessThanOrEqual(run.now + LAPSE_MS);
  run.sweep(LAPSE_MS);
  expect(run.wanted()).toContain("tend a");
  expect(run.place("a").lapsed).toBe(true);
});
