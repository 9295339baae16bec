import * as fc from "fast-check";

export const jobIds = ["run_1-a", "run_1-b", "run_1-c"] as const;

/** What may happen next; `World` gives it its meaning in the state it meets. */
export type Move =
  | { readonly kind: "pass"; readonly ms: number }
  /** At the earliest deadline, or so much before or after it. */
  | { readonly kind: "tick"; readonly offsetMs: number }
  | {
      readonly kind: "dispatch";
      readonly job: 0 | 1 | 2;
      readonly door: "job" | "native";
      readonly again: boolean;
      readonly size: "standard-1" | "standard-2";
    }
  | { readonly kind: "cancel" | "take"; readonly job: 0 | 1 | 2 }
  | { readonly kind: "release" | "vanish" | "wake" }
  /** The oldest effect that was not carried out is, and answers. */
  | { readonly kind: "serve"; readonly how: "well" | "badly" | "oddly" | "mute" }
  /** Effects that were carried out are carried out again. */
  | { readonly kind: "repeat"; readonly count: number }
  | { readonly kind: "crash"; readonly code: number }
  | {
      readonly kind: "beat";
      readonly order: "next" | "doubled" | "swapped" | "hole";
      readonly events: number;
      readonly end: "none" | "done" | "failed";
      readonly phase: string;
      readonly ageMs: number | null;
      readonly sentAt: number;
    }
  | {
      readonly kind: "stale";
      readonly what:
        | "exited"
        | "dead"
        | "started"
        | "ready"
        | "accepted"
        | "refused"
        | "start-failed"
        | "unproved"
        | "beat"
        | "old-attempt"
        | "other-job";
    };

const job = fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const);

const dispatch = fc.record({
  kind: fc.constant("dispatch" as const),
  job,
  door: fc.constantFrom("job" as const, "native" as const),
  again: fc.boolean(),
  size: fc.constantFrom("standard-1" as const, "standard-1" as const, "standard-2" as const),
});

export const beat = fc.record({
  kind: fc.constant("beat" as const),
  order: fc.constantFrom(
    "next" as const,
    "next" as const,
    "doubled" as const,
    "swapped" as const,
    "hole" as const,
  ),
  events: fc.nat(4),
  end: fc.constantFrom("none" as const, "none" as const, "none" as const, "done" as const, "failed" as const),
  phase: fc.constantFrom("clone", "agent", "agent", "push", "dependencies"),
  ageMs: fc.option(fc.integer({ min: -1e12, max: 1e12 })),
  sentAt: fc.integer({ min: -8e15, max: 8e15 }),
});

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: dispatch },
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant("serve" as const), how: fc.constant("well" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("serve" as const),
      how: fc.constantFrom("badly" as const, "oddly" as const, "mute" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      offsetMs: fc.constantFrom(0, 0, 0, 0, -1, 1, -5_000, 5_000, 60_000),
    }),
  },
  { weight: 9, arbitrary: beat },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(20_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("cancel" as const, "take" as const), job }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("release" as const, "vanish" as const, "wake" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("repeat" as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("crash" as const), code: fc.constantFrom(0, 1, 137, 143) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("stale" as const),
      what: fc.constantFrom(
        "exited" as const,
        "dead" as const,
        "started" as const,
        "ready" as const,
        "accepted" as const,
        "refused" as const,
        "start-failed" as const,
        "unproved" as const,
        "beat" as const,
        "old-attempt" as const,
        "other-job" as const,
      ),
    }),
  },
);

const servedWell: Move = { kind: "serve", how: "well" };
const toWork: readonly Move[] = [servedWell, servedWell, servedWell];

/**
 * A history begins with a dispatch: before one there is nothing to happen to. Half of them go on to a job at work, since
 * that is where most can happen.
 */
export const moves: fc.Arbitrary<readonly Move[]> = fc
  .tuple(dispatch, fc.boolean(), fc.array(move, { minLength: 10, maxLength: 80, size: "max" }))
  .map(([first, atWork, rest]) => [first, ...(atWork ? toWork : []), ...rest]);

/** Histories of a job that is cancelled wherever it has come to, and of all that may follow. */
export const cancelledMoves: fc.Arbitrary<readonly Move[]> = fc
  .tuple(dispatch, fc.nat(4), fc.array(move, { minLength: 5, maxLength: 40, size: "max" }))
  .map(([first, served, rest]) => [
    first,
    ...Array.from({ length: served }, () => servedWell),
    { kind: "cancel", job: first.job },
    ...rest,
  ]);
