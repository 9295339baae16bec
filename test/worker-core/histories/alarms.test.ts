import * as fc from "fast-check";
import { describe, test } from "vitest";
import type { Effect } from "../../../worker/execution/effect.ts";
import { DONE, JOB, makePolicy } from "../build.ts";
import { Run, runningRun } from "../run.ts";
import { type Delivery, playOut, type Script } from "./clock.ts";

const mute = (): null => null;

const dies = (effect: Effect) =>
  effect.kind === "destroy"
    ? ({ kind: "dead", instance: effect.instance, proof: "destroy() resolved" } as const)
    : null;

const stillIn = (phase: string, effect: Extract<Effect, { kind: "ask" }>) => {
  const view = { id: JOB, state: "running", startedAt: 0, heartbeatAt: 0, phase } as const;
  return { ...effect, kind: "answered", answer: { kind: "known", view } } as const;
};

/** Worlds in which nothing but the alarm moves anything on. */
const scripts: Readonly<Record<string, Script>> = {
  "a harness that falls silent": {
    begin: () => runningRun(),
    answer: (effect) =>
      effect.kind === "ask"
        ? { ...effect, kind: "answered", answer: { kind: "no-answer", text: "timeout" } }
        : dies(effect),
  },
  "a harness that answers and never ends": {
    begin: () => runningRun({ policy: makePolicy({ maxDurationMs: 600_000, toolSilenceMs: 600_000 }) }),
    answer: (effect) => (effect.kind === "ask" ? stillIn("agent", effect) : dies(effect)),
  },
  "no capacity for as long as the job may wait": {
    begin: () => begun(),
    answer: (effect) =>
      effect.kind === "start"
        ? { kind: "start-failed", instance: effect.instance, cause: "no-capacity", message: "no room" }
        : null,
  },
  "a container that never becomes ready": {
    begin: () => begun(),
    answer: (effect) =>
      effect.kind === "start" ? { kind: "started", instance: effect.instance } : dies(effect),
  },
  "a cancel nobody listens to": {
    begin: () => {
      const run = runningRun();
      run.cancel(100);
      return run;
    },
    answer: dies,
  },
  "a death that is never proved, until the platform comes back": {
    begin: () => {
      const run = runningRun();
      run.cancel(100);
      return run;
    },
    answer: (effect, run) => {
      if (effect.kind !== "destroy") return null;
      const proof = { kind: "dead", instance: effect.instance, proof: "at last" } as const;
      return run.job.end === null
        ? { kind: "destroy-unproved", instance: effect.instance, text: "no" }
        : proof;
    },
  },
  "an exit without a last word": {
    begin: () => {
      const run = runningRun();
      run.exited(1, 100);
      return run;
    },
    answer: mute,
  },
  "a step that hangs": {
    begin: () => {
      const run = runningRun({ policy: makePolicy({ cloneMs: 20_000 }) });
      run.beat({ phase: "clone" }, 100);
      return run;
    },
    answer: (effect) => (effect.kind === "ask" ? stillIn("clone", effect) : dies(effect)),
  },
  "an idle container": {
    begin: () => {
      const run = runningRun();
      run.beat({ terminal: DONE }, 100);
      return run;
    },
    answer: dies,
  },
  "a released job": {
    begin: () => {
      const run = runningRun();
      run.release(100);
      return run;
    },
    answer: dies,
  },
};

const delivery: fc.Arbitrary<Delivery> = fc.oneof(
  fc.record({ kind: fc.constantFrom("on-time" as const, "doubled" as const, "early-too" as const) }),
  fc.record({ kind: fc.constant("late" as const), ms: fc.nat(4_000) }),
  // A missing alarm: the one that the handler arms first comes thirty seconds later.
  fc.record({ kind: fc.constant("late" as const), ms: fc.constant(30_000) }),
);

describe("an early, late, doubled or missing alarm gives the same end", () => {
  for (const [name, script] of Object.entries(scripts)) {
    test(`for ${name}`, ({ expect }) => {
      const expected = playOut(script, [{ kind: "on-time" }]);
      fc.assert(
        fc.property(fc.array(delivery, { minLength: 1, maxLength: 12 }), (deliveries) => {
          expect(playOut(script, deliveries)).toStrictEqual(expected);
        }),
        { seed: 20_990_101, numRuns: 60 },
      );
    });
  }
});

test("the scripted worlds come to ten different ends", ({ expect }) => {
  const ends = Object.values(scripts).map((script) => JSON.stringify(playOut(script, [{ kind: "on-time" }])));
  expect(ends.map((end) => /"code":"([a-z-]+)"/.exec(end)?.[1])).toStrictEqual([
    "evicted-transient",
    "max-duration",
    "capacity",
    "start-failed",
    "cancelled",
    "stop-unproven",
    "evicted-crash",
    "step-timeout",
    "done",
    "released",
  ]);
});

function begun(): Run {
  const run = new Run();
  run.dispatch();
  return run;
}
