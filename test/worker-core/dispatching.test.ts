import * as fc from "fast-check";
import { test } from "vitest";
import { kindsOf, Run } from "./run.ts";
import { JOB } from "./build.ts";

const door = fc.constantFrom("job" as const, "native" as const);
const again = fc.record({ door, again: fc.boolean(), afterMs: fc.nat(50) });

test("invariant 11: dispatching one job any number of times starts one container, at whatever point of its life", ({
  expect,
}) => {
  fc.assert(
    fc.property(
      fc.array(again, { minLength: 1, maxLength: 100, size: "max" }),
      fc.nat(4),
      (dispatches, stage) => {
        const run = new Run();
        for (const [index, { afterMs, ...over }] of dispatches.entries()) {
          run.dispatch(over, afterMs);
          if (index !== 0) continue;
          if (stage > 0) run.started();
          if (stage > 1) run.ready();
          if (stage > 2) run.accepted(JOB);
          if (stage > 3) run.cancel();
        }
        expect(kindsOf(run.effects).filter((kind) => kind === "start")).toHaveLength(1);
        expect(kindsOf(run.effects).filter((kind) => kind === "post").length).toBeLessThanOrEqual(1);
        expect(kindsOf(run.events).filter((kind) => kind === "dispatched")).toHaveLength(1);
        expect(run.it.jobs).toHaveLength(1);
      },
    ),
    { seed: 20_990_101 },
  );
});

test("only the first of many dispatches is fresh, and each names its own warnings", ({ expect }) => {
  const run = new Run();
  const replies = ["a", "b", "c"].map((warning) => run.dispatch({ warnings: [warning] }).reply);
  expect(replies).toMatchObject([
    { fresh: true, warnings: ["a"] },
    { fresh: false, warnings: ["b"] },
    { fresh: false, warnings: ["c"] },
  ]);
});

test("no input but a dispatch begins an execution", ({ expect }) => {
  const inputs = [
    { kind: "tick" },
    { kind: "woke", running: false },
    { kind: "cancel", jobId: JOB, reason: "r" },
    { kind: "release", reason: "r" },
    { kind: "internal-error", text: "t" },
    { kind: "dead", instance: "instance-0000", proof: "p" },
  ] as const;
  for (const input of inputs) {
    const { state, effects, events } = new Run().give(input);
    expect([state, effects, events], input.kind).toStrictEqual([null, [], []]);
  }
  const stray = new Run().give({ kind: "woke", running: true });
  expect([stray.state, stray.effects]).toStrictEqual([null, [{ kind: "destroy-stray" }]]);
});

test("a refused beat changes nothing, whatever else is due", ({ expect }) => {
  const run = new Run();
  run.dispatch();
  run.startFailed("no-capacity", 10);
  const { before, state, reply } = run.beat({}, 60_000);
  expect(reply.kind).toBe("refused");
  expect(state).toBe(before);
});

test("the same history twice gives the same state", ({ expect }) => {
  const play = (): unknown => {
    const run = new Run();
    run.dispatch();
    run.started(10);
    run.ready(10);
    run.beat({}, 10);
    run.cancel(10);
    run.exited(143, 10);
    return run.it;
  };
  expect(play()).toStrictEqual(play());
});
