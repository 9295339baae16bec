import { DeadlineName, Status } from "../../shared/job-view.ts";
import { OutcomeCode } from "../../shared/outcomes.ts";
import { passedDeadlines } from "../../worker/execution/deadlines.ts";
import type { Happening } from "../../worker/execution/input.ts";
import { activeJob, type ExecutionState, jobOf } from "../../worker/execution/state.ts";
import { type FaultName, FaultNames } from "./faults.ts";
import type { Seen } from "./ledger.ts";

export type Counts = Readonly<Record<string, number>>;
export type Covered = {
  readonly cells: Counts;
  readonly deadlines: Counts;
  readonly outcomes: Counts;
  readonly faults: Counts;
};

const inputs = Object.keys({
  dispatch: 0,
  tick: 0,
  woke: 0,
  cancel: 0,
  release: 0,
  extend: 0,
  slot: 0,
  "slot-hint": 0,
  take: 0,
  started: 0,
  "start-failed": 0,
  ready: 0,
  "probe-noted": 0,
  foreign: 0,
  accepted: 0,
  refused: 0,
  "spec-unreadable": 0,
  beat: 0,
  answered: 0,
  polled: 0,
  "stop-told": 0,
  signalled: 0,
  exited: 0,
  dead: 0,
  "destroy-unproved": 0,
  resetting: 0,
  "internal-error": 0,
} satisfies Record<Happening["kind"], 0>);

/** What can come to an execution of which nothing is stored. */
const beforeAnything = ["dispatch", "tick", "woke", "cancel", "release", "extend", "take", "beat"];

/** How often everything occurred that can: a cell, a deadline, an outcome or a fault that never did was never tested. */
export class Coverage {
  readonly #cells = zeros([
    ...Status.options.flatMap((status) => inputs.map((input) => `${status} × ${input}`)),
    ...beforeAnything.map((input) => `nothing × ${input}`),
  ]);
  readonly #deadlines = zeros(DeadlineName.options);
  readonly #outcomes = zeros(OutcomeCode.options);
  readonly #faults = zeros(Object.keys(FaultNames));
  readonly #witness: (seen: Seen) => void;
  steps = 0;

  /** @param witness shown every step as well */
  constructor(witness: (seen: Seen) => void = () => undefined) {
    this.#witness = witness;
  }

  step(seen: Seen): void {
    const { before, input, now, stepped } = seen;
    this.#witness(seen);
    this.steps += 1;
    add(this.#cells, `${statusOf(before, input)} × ${input.kind}`);
    if (input.kind === "tick" && before !== null) {
      for (const { name } of passedDeadlines(before, now)) add(this.#deadlines, name);
    }
    for (const job of stepped.state?.jobs ?? []) {
      if (job.end === null || stepped.events.length === 0) continue;
      if (before === null || jobOf(before, job.jobId)?.end !== job.end)
        add(this.#outcomes, job.end.outcome.code);
    }
  }

  fault(name: FaultName): void {
    add(this.#faults, name);
  }

  get counted(): Covered {
    return {
      cells: Object.fromEntries(this.#cells),
      deadlines: Object.fromEntries(this.#deadlines),
      outcomes: Object.fromEntries(this.#outcomes),
      faults: Object.fromEntries(this.#faults),
    };
  }
}

/** The names of what never occurred. */
export function neverOccurred(covered: Covered): readonly string[] {
  return Object.entries(covered).flatMap(([what, counts]) =>
    Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [`${what}: ${name}`] : [])),
  );
}

/** The job that an input names, else the one whose turn it is, else the newest. */
function statusOf(state: ExecutionState | null, input: Happening): string {
  if (state === null) return "nothing";
  const named = "jobId" in input ? jobOf(state, input.jobId) : null;
  return (named ?? activeJob(state) ?? state.jobs.at(-1))?.status ?? "nothing";
}

function zeros(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name) => [name, 0]));
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
