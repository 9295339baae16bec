import * as fc from "fast-check";
import { type Lived, World } from "./world.ts";
import { cancelledMoves, moves } from "./moves.ts";

/** The same histories in every run, so that a red one stays red; HISTORIES_SEED and HISTORIES_RUNS explore others. */
const seed = Number(process.env["HISTORIES_SEED"] ?? 20_990_101);
const numRuns = Number(process.env["HISTORIES_RUNS"] ?? 400);

/** Holds a check against many random histories; where one fails, the shortest that fails is shown. */
export function everyHistory(check: (world: World) => void): void {
  fc.assert(
    fc.property(moves, (played) => check(new World().play(played))),
    { seed, numRuns },
  );
}

/** The same, with every history brought to its end by a platform that does its duty. */
export function everySettledHistory(check: (world: World) => void): void {
  fc.assert(
    fc.property(moves, (played) => check(new World().play(played).settle())),
    { seed, numRuns: Math.ceil(numRuns / 2) },
  );
}

/** Settled histories in which the first job is cancelled early on. */
export function everyCancelledHistory(check: (world: World) => void): void {
  fc.assert(
    fc.property(cancelledMoves, (played) => check(new World().play(played).settle())),
    { seed, numRuns: Math.ceil(numRuns / 2) },
  );
}

/** What stands in a failure's message: the step, and what it began from. */
export function describeStep({ input, before, now }: Lived): string {
  return `${JSON.stringify(input)} at ${now} in ${JSON.stringify(before)}`;
}
