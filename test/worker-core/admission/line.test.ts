import { test } from "vitest";
import { emptyLine, inLine, nextAlarmAt, slotCount } from "../../../worker/admission/line.ts";
import { MAX_PLACES, request } from "../../../worker/admission/slots.ts";
import { LAPSE_MS } from "../../../worker/admission/place.ts";
import { gone, LineRun, MINUTE, T0 } from "./build.ts";

const granted = { kind: "granted" };

test("slots are given until there are no more; then whoever asks is told the place in the line", ({
  expect,
}) => {
  const run = new LineRun(2);
  expect(run.request("a")).toEqual(granted);
  expect(run.request("b")).toEqual(granted);
  expect(run.request("c")).toEqual({ kind: "waiting", position: 1, live: 2, max: 2 });
  expect(run.request("d")).toEqual({ kind: "waiting", position: 2, live: 2, max: 2 });
  expect(run.wanted()).toEqual([]);
});

test("a slot that is given back goes to the first in line, who is told", ({ expect }) => {
  const run = new LineRun(1);
  for (const each of ["a", "b", "c"]) run.request(each);
  run.release("a", 1_000);
  expect(run.wanted()).toEqual(["tell b"]);
  expect(run.request("c")).toMatchObject({ position: 1, live: 1 });
  expect(run.request("b")).toEqual(granted);
});

test("asking again changes no place: neither one's own nor anybody else's", ({ expect }) => {
  const run = new LineRun(1);
  for (const each of ["a", "a", "b", "c", "b", "c", "c", "b"]) run.request(each, 1_000);
  expect(inLine(run.line).map(({ executionId }) => executionId)).toEqual(["b", "c"]);
  expect(run.request("a")).toEqual(granted);
  expect(slotCount(run.line)).toBe(1);
  expect(run.line.places.size).toBe(3);
});

test("a release of what is not there, or a second one, changes nothing", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  const before = run.line;
  run.release("nobody");
  expect(run.line).toBe(before);
  run.release("a");
  run.release("a");
  expect(run.line.places.size).toBe(0);
});

test("one that gives its slot back with work left is watched, counts as nobody, and has its place when it asks", ({
  expect,
}) => {
  const run = new LineRun(1);
  for (const each of ["a", "b"]) run.request(each);
  run.release("a", 0, 3 * MINUTE);
  expect(run.wanted()).toEqual(["tell b"]);
  expect(run.place("a")).toMatchObject({ kind: "watched", lapsed: false });
  expect(slotCount(run.line)).toBe(1);
  run.renew("b", 3 * MINUTE, 10 * MINUTE);
  run.sweep(2 * MINUTE - 1);
  expect(run.wanted()).toEqual([]);
  // Its alarm was lost.
  run.sweep(1);
  expect(run.wanted()).toEqual(["tend a"]);
  run.tended("a", { live: true, nextDeadlineAt: run.now, destroyedMs: null });
  expect(run.place("a")).toMatchObject({ kind: "watched", lapsed: false });
  expect(run.request("a")).toMatchObject({ kind: "waiting", position: 1 });
  run.release("a");
  expect(run.line.places.has("a")).toBe(false);
});

test("one that is watched goes when it needs nothing any more, or cannot be asked for a day", ({
  expect,
}) => {
  const run = new LineRun(1);
  run.request("a");
  run.release("a", 0, MINUTE);
  run.sweep(3 * MINUTE);
  run.tended("a", gone);
  expect(run.line.places.size).toBe(0);
  expect(nextAlarmAt(run.line)).toBeNull();

  run.request("b");
  run.release("b", 0, MINUTE);
  for (let visit = 0; visit < 200 && run.line.places.size > 0; visit += 1) {
    run.sweep(20 * MINUTE);
    if (run.line.places.has("b")) run.tended("b", null);
  }
  expect(run.line.places.size).toBe(0);
});

test("who gives up a place lets those behind move up, and gives nobody a slot", ({ expect }) => {
  const run = new LineRun(1);
  for (const each of ["a", "b", "c"]) run.request(each);
  run.release("b");
  expect(run.request("c")).toMatchObject({ position: 1 });
  expect(run.wanted()).toEqual([]);
});

test("a slot lapses five minutes after its last renewal, and no earlier", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  expect(run.renew("a", MINUTE)).toBe(true);
  run.request("b", MINUTE);
  run.sweep(LAPSE_MS - MINUTE - 1);
  expect(run.request("b")).toMatchObject({ kind: "waiting", position: 1, live: 1 });
  run.sweep(1);
  expect(run.wanted()).toContain("tell b");
  expect(run.request("b")).toEqual(granted);
});

test("a lapse may let one too many in; it never stops one", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.request("b", LAPSE_MS - 1);
  expect(run.request("b", 1)).toEqual(granted);
  expect(run.renew("a", 1_000)).toBe(false);
  expect(run.renew("a", 1_000)).toBe(true);
  expect(slotCount(run.line)).toBe(2);
  // Nobody comes in before it is one fewer than the bound again.
  expect(run.request("c")).toMatchObject({ kind: "waiting", live: 2, max: 1 });
  run.release("a");
  expect(run.request("c")).toMatchObject({ kind: "waiting", live: 1 });
  run.release("b");
  expect(run.request("c")).toEqual(granted);
});

test("a renewal of what is not known is a slot: whoever renews has something running", ({ expect }) => {
  const run = new LineRun(1);
  expect(run.renew("a")).toBe(false);
  expect(run.request("b")).toMatchObject({ kind: "waiting", position: 1, live: 1 });
  expect(run.renew("b")).toBe(false);
  expect(slotCount(run.line)).toBe(2);
});

test("a place in the line lapses too: the next is served, and who comes back has the old place", ({
  expect,
}) => {
  const run = new LineRun(1);
  for (const each of ["a", "b", "c"]) run.request(each);
  for (const _ of [1, 2, 3, 4, 5]) {
    run.renew("a", MINUTE);
    run.request("c");
  }
  expect(run.request("c")).toMatchObject({ position: 1 });
  expect(run.request("b")).toMatchObject({ position: 1 });
  expect(run.request("c")).toMatchObject({ position: 2 });
});

test("a place that has lapsed is given no slot", ({ expect }) => {
  const run = new LineRun(1);
  for (const each of ["a", "b", "c"]) run.request(each);
  for (const _ of [1, 2, 3, 4, 5]) {
    run.renew("a", MINUTE);
    run.request("c");
  }
  run.wanted();
  run.release("a");
  expect(run.wanted()).toEqual(["tell c"]);
});

test("one whose slot lapsed and who asks in place of renewing waits its turn", ({ expect }) => {
  const run = new LineRun(1);
  run.request("a");
  run.request("b", MINUTE);
  expect(run.request("a", LAPSE_MS - MINUTE)).toMatchObject({ kind: "waiting", position: 1 });
  expect(run.request("b")).toEqual(granted);
});

test("a bound that is lowered stops nothing, and one that is raised lets the first in line in", ({
  expect,
}) => {
  const run = new LineRun(2);
  for (const each of ["a", "b", "c", "d"]) run.request(each);
  run.line = { ...run.line, max: 1 };
  expect(run.renew("a")).toBe(true);
  expect(run.renew("b")).toBe(true);
  run.release("a");
  expect(run.request("c")).toMatchObject({ kind: "waiting", position: 1, live: 1, max: 1 });
  run.line = { ...run.line, max: 3 };
  run.wanted();
  run.sweep();
  expect(run.wanted()).toEqual(["tell c", "tell d"]);
});

test("beyond the bound on rows nobody joins, and those who have a place keep it", ({ expect }) => {
  let line = emptyLine(1);
  const places = new Map(request(line, "a", T0, T0).line.places);
  const [one] = [...places.values()];
  if (one === undefined) throw new Error("no place");
  for (let n = 2; n <= MAX_PLACES; n += 1) {
    const executionId = `e${n}`;
    places.set(executionId, { ...one, executionId, kind: "waiting", ticket: n, touch: n });
  }
  line = { ...line, places, counter: MAX_PLACES };
  const refused = request(line, "late", T0, T0);
  expect(refused.answer).toEqual({ kind: "waiting", position: MAX_PLACES, live: 1, max: 1 });
  expect(refused.line).toBe(line);
  expect(request(line, "e2", T0, T0).answer).toMatchObject({ position: 1 });
});

test("there is an alarm for as long as anybody has a place, and none after", ({ expect }) => {
  const run = new LineRun(1);
  expect(nextAlarmAt(run.line)).toBeNull();
  run.request("a", 0, 30_000);
  expect(nextAlarmAt(run.line)).toBe(run.now + 30_000 + 2 * MINUTE);
  run.request("b", 0, 60 * MINUTE);
  run.release("a");
  expect(nextAlarmAt(run.line)).toBe(run.now + LAPSE_MS);
  run.release("b");
  expect(nextAlarmAt(run.line)).toBeNull();
});
