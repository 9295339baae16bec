import * as fc from "fast-check";
import { test } from "vitest";
import { Outbox, type TimedEvent } from "../../../container/beats/outbox.ts";
import { ModelObject } from "./model-object.ts";

const text = (length: number): string => "x".repeat(length);
const output = (at: number, length = 10): TimedEvent => ({
  at,
  kind: "output",
  stream: "agent",
  text: text(length),
});
const phase = (at: number): TimedEvent => ({ at, kind: "phase", phase: `p${at}` });

/** What may happen to a beat on its way, and to its answer on the way back. */
type Step =
  | { readonly kind: "add"; readonly prunable: boolean; readonly length: number }
  | { readonly kind: "deliver" | "deliver-twice" | "lose-request" | "lose-answer" | "late-copy" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("add" as const), prunable: fc.boolean(), length: fc.nat(60) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("deliver", "deliver-twice", "lose-request", "lose-answer", "late-copy"),
    }),
  },
);

test("invariant 4: with beats doubled, swapped, lost or unanswered each event is stored once and in order", ({
  expect,
}) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 7 }), (steps, batchEvents) => {
      const outbox = new Outbox({ bufferBytes: 1_000_000, batchEvents });
      const object = new ModelObject();
      const added: number[] = [];
      let earlier: ReturnType<Outbox["nextBatch"]> = [];
      for (const each of [...steps, ...steps.map(() => ({ kind: "deliver" }) as const)]) {
        if (each.kind === "add") {
          added.push(added.length + 1);
          outbox.add(each.prunable ? output(added.length, each.length) : phase(added.length));
          continue;
        }
        const batch = outbox.nextBatch(400);
        if (each.kind === "lose-request") continue;
        const ack = object.take(batch);
        if (each.kind === "deliver-twice") object.take(batch);
        if (each.kind === "late-copy") object.take(earlier);
        earlier = batch;
        if (each.kind !== "lose-answer") outbox.acknowledge(ack);
      }
      while (outbox.size > 0) outbox.acknowledge(object.take(outbox.nextBatch(400)));
      expect(object.stored.map(({ at }) => at)).toStrictEqual(added);
      expect(object.stored.map(({ seq }) => seq)).toStrictEqual(added);
    }),
  );
});

test("invariant 4: what a full buffer drops is counted, and only what was never sent is dropped", ({
  expect,
}) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const outbox = new Outbox({ bufferBytes: 2_000, batchEvents: 4 });
      const object = new ModelObject();
      let added = 0;
      for (const each of steps) {
        if (each.kind === "add") {
          added += 1;
          outbox.add(each.prunable ? output(added, each.length) : phase(added));
        } else if (each.kind === "deliver") outbox.acknowledge(object.take(outbox.nextBatch(400)));
        else outbox.nextBatch(400);
        expect(outbox.bytes).toBeLessThanOrEqual(2_300);
      }
      while (outbox.size > 0) outbox.acknowledge(object.take(outbox.nextBatch(400)));
      const real = object.stored.filter(({ kind }) => kind !== "gap");
      expect(real.length + object.missing).toBe(added);
      expect(object.stored.map(({ seq }) => seq)).toStrictEqual(object.stored.map((_, index) => index + 1));
      const times = real.map(({ at }) => at);
      expect(times).toStrictEqual(times.toSorted((a, b) => a - b));
    }),
  );
});

test("invariant 4: a batch refused is halved down to the one event, which becomes a gap of one", ({
  expect,
}) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.uniqueArray(fc.nat(59), { maxLength: 6 }),
      (count, poisoned) => {
        const outbox = new Outbox({ bufferBytes: 1_000_000, batchEvents: 500 });
        const object = new ModelObject();
        const isBad = (at: number): boolean => poisoned.includes(at);
        for (let at = 0; at < count; at += 1) outbox.add(output(at));
        for (let exchanges = 0; outbox.size > 0; exchanges += 1) {
          expect(exchanges).toBeLessThan(1_000);
          const batch = outbox.nextBatch(100_000);
          if (batch.some((event) => event.kind !== "gap" && isBad(event.at))) outbox.refuse(batch.length);
          else outbox.acknowledge(object.take(batch));
        }
        const bad = poisoned.filter((at) => at < count).length;
        expect(object.missing).toBe(bad);
        expect(object.stored).toHaveLength(count);
      },
    ),
  );
});

test("a full buffer gives up what only shows the way before what says why", ({ expect }) => {
  const outbox = new Outbox({ bufferBytes: 2_000, batchEvents: 500 });
  outbox.add(phase(0));
  for (let at = 1; at <= 50; at += 1) outbox.add(output(at, 100));
  outbox.add(phase(51));
  const batch = outbox.nextBatch(100_000);
  expect(batch.map(({ kind }) => kind).slice(0, 2)).toStrictEqual(["phase", "gap"]);
  expect(batch.at(-1)).toMatchObject({ kind: "phase", phase: "p51" });
  const kept = batch.filter(({ kind }) => kind === "output").length;
  expect(batch.find(({ kind }) => kind === "gap")).toMatchObject({ count: 50 - kept });
});

test("a batch is the same again until it is acknowledged, and holds one event however large", ({
  expect,
}) => {
  const outbox = new Outbox();
  outbox.add(output(1, 10_000));
  outbox.add(output(2));
  const first = outbox.nextBatch(100);
  expect(first.map(({ seq }) => seq)).toStrictEqual([1]);
  expect(outbox.nextBatch(100)).toStrictEqual(first);
  expect(outbox.acknowledge(1)).toBe(1);
  expect(outbox.nextBatch(100).map(({ seq }) => seq)).toStrictEqual([2]);
});

test("an acknowledgement of what was never sent forgets nothing that waits", ({ expect }) => {
  const outbox = new Outbox();
  outbox.add(output(1));
  outbox.nextBatch(1_000);
  outbox.add(output(2));
  expect(outbox.acknowledge(999)).toBe(1);
  expect(outbox.size).toBe(1);
});

test("a gap that is refused alone stays, since nothing smaller could be told", ({ expect }) => {
  const outbox = new Outbox();
  outbox.add(output(1));
  outbox.nextBatch(1_000);
  expect(outbox.refuse(1)).toBe("dropped");
  expect(outbox.nextBatch(1_000)).toMatchObject([{ seq: 1, kind: "gap", count: 1 }]);
  expect(outbox.refuse(1)).toBe("nothing-to-drop");
  expect(outbox.refuse(0)).toBe("nothing-to-drop");
});
