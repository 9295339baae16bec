import * as fc from "fast-check";
import { test } from "vitest";
import { inLine, type Line, nextAlarmAt, slotCount } from "../../../worker/admission/line.ts";
import { sweep } from "../../../worker/admission/visits.ts";
import { isSlot, type Place } from "../../../worker/admission/place.ts";
import { alive, gone, LineRun, MINUTE } from "./build.ts";

const executionId = fc.constantFrom("a", "b", "c", "d", "e", "f");
const afterMs = fc.oneof(fc.constant(0), fc.nat(90_000), fc.nat(8 * MINUTE), fc.constant(-24 * 60 * MINUTE));
const nextMs = fc.oneof(fc.constant(30_000), fc.integer({ min: -MINUTE, max: 20 * MINUTE }));
/** Which question an answer belongs to: the one that stands, or one from before the execution's last word. */
const lateness = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) });

const move = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("request" as const), executionId, afterMs, nextMs }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("renew" as const), executionId, afterMs, nextMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("release" as const), executionId, afterMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("sweep" as const), afterMs }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("tended" as const),
      executionId,
      answer: fc.constantFrom(alive, gone, null),
      lateness,
    }),
  },
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

test("whatever is asked, renewed, released, swept and answered, in any order, late or twice: the line holds", ({
  expect,
}) => {
  const history = fc.array(move, { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), history, (max, moves) => {
      const run = new LineRun(max);
      for (const each of moves) {
        const before = run.line;
        play(run, each);
        const { line, now } = run;
        // The bound: only what was already running comes in above it.
        if (each.kind !== "renew" && each.kind !== "tended") {
          expect(slotCount(line)).toBeLessThanOrEqual(Math.max(max, slotCount(before)));
        }
        if (slotCount(line) > slotCount(before) && slotCount(line) > max) expect(runs(each)).toBe(true);
        // No slot lies idle while somebody waits, and nobody passes one who stood in line all the while.
        const waiting = inLine(line);
        if (waiting.length > 0) expect(slotCount(line)).toBeGreaterThanOrEqual(max);
        const speaker = "executionId" in each ? each.executionId : null;
        const stood = waiting.find(
          (place) => place.executionId !== speaker && inLine(before).some(isOf(place)),
        );
        for (const served of newlyServed(before, line)) {
          if (runs(each) && served.executionId === speaker) continue;
          expect(served.ticket).toBeLessThan(stood?.ticket ?? Number.POSITIVE_INFINITY);
        }
        // An alarm for as long as anybody has a place, and nothing changes before it.
        const at = nextAlarmAt(line);
        expect(at === null).toBe(line.places.size === 0);
        if (at !== null && at - 1 >= now) expect(sweep(line, at - 1)).toEqual({ line, effects: [] });
        expect(new Set([...line.places.values()].map(({ ticket }) => ticket)).size).toBe(line.places.size);
      }
    }),
    { numRuns: 2_000, seed: 20_991 },
  );
});

test("a request, a renewal and a release that come twice come to the same as once", ({ expect }) => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), executionId, (moves, who) => {
      const run = new LineRun(2);
      for (const each of moves) play(run, each);
      const answer = run.request(who);
      const shape = shapeOf(run.line);
      expect(run.request(who)).toEqual(answer);
      expect(shapeOf(run.line)).toEqual(shape);
      run.renew(who);
      const renewed = shapeOf(run.line);
      expect(run.renew(who)).toBe(true);
      expect(shapeOf(run.line)).toEqual(renewed);
      run.release(who);
      const released = run.line;
      run.release(who);
      expect(run.line).toBe(released);
    }),
    { numRuns: 500, seed: 20_993 },
  );
});

function play(run: LineRun, each: Move): void {
  switch (each.kind) {
    case "request":
      run.request(each.executionId, each.afterMs, each.nextMs);
      return;
    case "renew":
      run.renew(each.executionId, each.afterMs, each.nextMs);
      return;
    case "release":
      run.release(each.executionId, each.afterMs);
      return;
    case "sweep":
      run.sweep(each.afterMs);
      return;
    case "tended": {
      const place = run.line.places.get(each.executionId);
      if (place !== undefined) run.tended(each.executionId, each.answer, place.touch - each.lateness);
    }
  }
}

/** Whether a move says of its execution that it runs. */
function runs(each: Move): boolean {
  return each.kind === "renew" || (each.kind === "tended" && each.answer === alive);
}

function newlyServed(before: Line, after: Line): readonly Place[] {
  return [...after.places.values()].filter((place) => {
    const old = before.places.get(place.executionId);
    return isSlot(place) && !(old !== undefined && isSlot(old));
  });
}

function isOf({ executionId: wanted }: Place): (place: Place) => boolean {
  return ({ executionId: id }) => id === wanted;
}

/** Everything but the number of the last word. */
function shapeOf(line: Line) {
  return [...line.places.values()].map(({ touch: _number, ...place }) => place);
}
