import { deadlines } from "../../../worker/execution/deadlines.ts";
import type { Effect } from "../../../worker/execution/effect.ts";
import type { Happening } from "../../../worker/execution/input.ts";
import type { Run } from "../run.ts";

/** How one deadline's alarm is delivered. */
export type Delivery =
  | { readonly kind: "on-time" | "doubled" | "early-too" }
  | { readonly kind: "late"; readonly ms: number };

export type Script = {
  readonly begin: () => Run;
  /** What the world answers to an effect; null where nobody answers. */
  readonly answer: (effect: Effect, run: Run) => Happening | null;
};

/** Plays a scripted world until only retention stands, each alarm delivered as said, and tells what it came to. */
export function playOut({ begin, answer }: Script, deliveries: readonly Delivery[]): unknown {
  const run = begin();
  let served = 0;
  for (let turn = 0; turn < 5_000; turn += 1) {
    for (; served < run.effects.length; served += 1) {
      const effect = run.effects[served];
      const said = effect === undefined ? null : answer(effect, run);
      if (said !== null) run.give(said);
    }
    const next = deadlines(run.it)[0];
    if (next === undefined || next.name === "retention") return endOf(run);
    deliver(run, next.at, deliveries[turn % deliveries.length] ?? { kind: "on-time" });
  }
  throw new Error("this script does not come to an end");
}

function deliver(run: Run, at: number, delivery: Delivery): void {
  const dueMs = Math.max(0, at - run.now);
  switch (delivery.kind) {
    case "on-time":
      run.tick(dueMs);
      return;
    case "doubled":
      run.tick(dueMs);
      run.tick();
      return;
    case "early-too":
      if (dueMs > 1) run.tick(dueMs - 1);
      run.tick(Math.max(0, at - run.now));
      return;
    case "late":
      run.tick(dueMs + delivery.ms);
  }
}

function endOf(run: Run): unknown {
  return run.it.jobs.map(({ jobId, status, attempt, end, starts }) => ({
    jobId,
    status,
    attempt,
    failedStarts: starts.failed,
    code: end?.outcome.code,
    exit: end?.exit?.cause,
    container: run.it.instance,
  }));
}
