import * as fc from "fast-check";
import { type Covered, Coverage, neverOccurred } from "./coverage.ts";
import { describe, type History, live } from "./history.ts";
import { Violation } from "./world.ts";

export type Found = {
  readonly promise: string;
  readonly text: string;
  /** The shortest history that was found to break it. */
  readonly history: readonly string[];
  /** Plays that one again. */
  readonly replay: History;
};

export type Simulated = {
  readonly seed: number;
  readonly runs: number;
  readonly steps: number;
  readonly covered: Covered;
  readonly never: readonly string[];
  readonly violation: Found | null;
};

/** What each element means is `moveOf`'s; a failing history is shrunk by leaving moves out. */
const number = fc.noShrink(fc.noBias(fc.nat(2 ** 31 - 1)));
export const histories: fc.Arbitrary<History> = fc.record({
  opening: number,
  moves: fc.noBias(fc.array(number, { maxLength: 28, size: "max" })),
});

const nothing: History = { opening: 0, moves: [] };

/** Plays so many histories; the same seed plays the same ones. Ends at the first that breaks a promise. */
export function simulate({ runs, seed }: { readonly runs: number; readonly seed: number }): Simulated {
  const coverage = new Coverage();
  let played = 0;
  let steps = 0;
  const result = fc.check(
    fc.property(histories, (history) => {
      // Shrinking plays further histories; they are no runs.
      const counts = steps === 0 ? coverage : new Coverage();
      if (steps === 0) played += 1;
      try {
        live(history, counts);
      } catch (error) {
        if (steps === 0) steps = coverage.steps;
        throw error;
      }
    }),
    { seed, numRuns: runs, interruptAfterTimeLimit: 600_000, markInterruptAsFailure: false },
  );
  const covered = coverage.counted;
  return {
    seed,
    runs: played,
    steps: coverage.steps,
    covered,
    never: neverOccurred(covered),
    violation: result.failed ? toFound(result.counterexample?.[0] ?? nothing, result.errorInstance) : null,
  };
}

/** Plays one history again. */
export function replay(history: History): Simulated {
  const coverage = new Coverage();
  let violation: Found | null = null;
  try {
    live(history, coverage);
  } catch (error) {
    violation = toFound(history, error);
  }
  const { counted, steps } = coverage;
  return { seed: 0, runs: 1, steps, covered: counted, never: neverOccurred(counted), violation };
}

function toFound(history: History, error: unknown): Found {
  const promise = error instanceof Violation ? error.promise : "simulation";
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { promise, text, history: describe(history), replay: history };
}
