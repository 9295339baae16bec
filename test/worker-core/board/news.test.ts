import * as fc from "fast-check";
import { test } from "vitest";
import type { Card } from "../../../shared/board.ts";
import { Limits } from "../../../shared/limits.ts";
import { type BoardState, emptyBoard, keyOf, tell } from "../../../worker/board/cards.ts";
import { cardOf } from "../../../worker/execution/card.ts";
import type { ExecutionState } from "../../../worker/execution/state.ts";
import {
  backoffMs,
  firstPace,
  heard,
  type Pace,
  newsOf,
  type ToldJobs,
} from "../../../worker/execution/news.ts";
import { DONE, JOB } from "../build.ts";
import { everyHistory } from "../histories/every-history.ts";
import { moves } from "../histories/moves.ts";
import { World } from "../histories/world.ts";
import { Run, runningRun } from "../run.ts";

/** An execution's side of a board: what the object does with what `newsOf` says. */
class Mouth {
  told: ToldJobs = new Map();
  pace: Pace = firstPace;
  readonly calls: (readonly Card[])[] = [];

  /** Looks once; `arrives` and `answered` are how the call goes. */
  look(
    state: ExecutionState,
    now: number,
    board: BoardState,
    call = { arrives: true, answered: true },
  ): BoardState {
    const due = newsOf(state, this.told, this.pace, now);
    if (due.kind !== "now") return board;
    const cards = due.news.map(({ card }) => card);
    this.calls.push(cards);
    const after = call.arrives ? tell(board, cards, now) : board;
    if (call.arrives && call.answered) {
      this.told = heard(this.told, due.news);
      this.pace = { ...this.pace, lastAt: now, failures: 0 };
    } else this.pace = { ...this.pace, lastAt: now, failures: this.pace.failures + 1 };
    return after;
  }

  /** When it would look again. */
  next({ it, now }: Run): number | null {
    const due = newsOf(it, this.told, this.pace, now);
    if (due.kind === "nothing") return null;
    return due.kind === "now" ? now : due.at;
  }
}

/** A running job of which the board knows. */
function knownRun() {
  const run = runningRun();
  run.beat({ outputAgeMs: 0 }, 50);
  const mouth = new Mouth();
  mouth.look(run.it, run.now, emptyBoard);
  return { run, mouth };
}

test("what a person waits for is told at once, whatever else was told a moment ago", ({ expect }) => {
  const { run, mouth } = knownRun();
  for (const change of [
    () => run.beat({ phase: "push" }, 10),
    () => run.give({ kind: "extend", jobId: JOB, deadline: "max-duration", until: run.now + 7_200_000 }, 10),
    () => run.cancel(10),
    () => run.exited(143, 10),
  ]) {
    change();
    expect(mouth.next(run)).toBe(run.now);
    mouth.look(run.it, run.now, emptyBoard);
    expect(mouth.next(run)).not.toBe(run.now);
  }
  expect(mouth.calls.map((cards) => cards.map(({ status }) => status))).toEqual([
    ["running"],
    ["running"],
    ["running"],
    ["stopping"],
    ["cancelled"],
  ]);
});

test("progress waits for the board's interval, and the newest of it is what is told", ({ expect }) => {
  const { run, mouth } = knownRun();
  mouth.pace = { ...mouth.pace, intervalMs: 5_000 };
  const toldAt = run.now;
  for (let n = 1; n <= 20; n += 1) {
    run.beat({ outputAgeMs: 0, progress: { completed: n, inProgress: 0, total: 20 } }, 100);
    expect(mouth.next(run)).toBe(toldAt + 5_000);
    mouth.look(run.it, run.now, emptyBoard);
  }
  expect(mouth.calls).toHaveLength(1);
  run.now = toldAt + 5_000;
  mouth.look(run.it, run.now, emptyBoard);
  expect(mouth.calls[1]).toMatchObject([{ progress: { completed: 20 }, revision: run.job.revision }]);
  expect(newsOf(run.it, mouth.told, mouth.pace, run.now)).toMatchObject({ kind: "later", isProgress: false });
});

test("a live job is told again every minute, so that it reads as old where it is not; an ended one never", ({
  expect,
}) => {
  const { run, mouth } = knownRun();
  const [first] = mouth.calls[0] ?? [];
  expect(mouth.next(run)).toBe(run.now + 60_000);
  run.now += 60_000;
  mouth.look(run.it, run.now, emptyBoard);
  const [again] = mouth.calls[1] ?? [];
  expect(again).toMatchObject({ revision: first?.revision, asOf: run.now, staleAt: run.now + 150_000 });
  expect(first?.staleAt).toBeGreaterThan(run.now);
  run.beat({ terminal: DONE }, 1_000);
  mouth.look(run.it, run.now, emptyBoard);
  expect(mouth.next(run)).toBeNull();
});

test("after failures nothing is told before its time, not even an end: 1, 2, 5, 15, 30, then every 60 s", ({
  expect,
}) => {
  const { run, mouth } = knownRun();
  run.beat({ terminal: DONE }, 1_000);
  const waits: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    mouth.look(run.it, run.now, emptyBoard, { arrives: false, answered: false });
    const next = mouth.next(run) ?? 0;
    waits.push(next - run.now);
    run.now = next - 1;
    const calls = mouth.calls.length;
    mouth.look(run.it, run.now, emptyBoard);
    expect(mouth.calls).toHaveLength(calls);
    run.now = next;
  }
  expect(waits).toEqual([1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 60_000, 60_000]);
  expect(backoffMs(0)).toBe(0);
  mouth.look(run.it, run.now, emptyBoard);
  expect([mouth.next(run), mouth.pace.failures]).toEqual([null, 0]);
});

test("many jobs go in calls of a bounded size, one after the other", ({ expect }) => {
  const run = new Run();
  for (let n = 0; n < 120; n += 1) run.dispatch({ jobId: `run_1-${n}` });
  const mouth = new Mouth();
  let board = emptyBoard;
  while (mouth.next(run) === run.now) board = mouth.look(run.it, run.now, board);
  expect(mouth.calls.map((cards) => cards.length)).toEqual([
    Limits.cardsPerTelling,
    Limits.cardsPerTelling,
    20,
  ]);
  expect(board.cards.size).toBe(120);
});

test("a clock that is set back silences nothing for longer than an interval", ({ expect }) => {
  const { run, mouth } = knownRun();
  const before = run.now;
  run.beat({ outputAgeMs: 0 }, 500);
  expect(newsOf(run.it, mouth.told, mouth.pace, before - 3_600_000)).toMatchObject({
    at: before - 3_598_000,
  });
});

test("whatever calls are lost or whose answers are, the board ends as the newest word of each job", ({
  expect,
}) => {
  const fates = fc.array(fc.record({ arrives: fc.boolean(), answered: fc.boolean() }), {
    minLength: 1,
    maxLength: 20,
  });
  const property = fc.property(
    moves,
    fates,
    fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
    (played, calls, restarts) => {
      const world = new World().play(played);
      const mouth = new Mouth();
      let board = emptyBoard;
      for (const [n, { state, now }] of world.lived.entries()) {
        if (state === null) continue;
        const before = board;
        board = mouth.look(state, now, board, calls[n % calls.length]);
        // A new incarnation knows what was written, and not how it went with the board.
        if (restarts[n % restarts.length] === true) mouth.pace = firstPace;
        for (const [key, { card }] of before.cards) {
          expect(board.cards.get(key)?.card.revision).toBeGreaterThanOrEqual(card.revision);
        }
        for (const { card } of board.cards.values()) {
          expect(card.revision).toBeLessThanOrEqual(
            state.jobs.find(({ jobId }) => jobId === card.jobId)?.revision ?? 0,
          );
        }
      }
      const { run } = world;
      if (run.state === null) return;
      for (let turn = 0; turn < 6; turn += 1) {
        run.now = Math.max(run.now, mouth.next(run) ?? run.now);
        board = mouth.look(run.it, run.now, board);
      }
      for (const job of run.it.jobs) {
        const shown = board.cards.get(keyOf({ executionId: run.it.executionId, jobId: job.jobId }))?.card;
        expect(shown).toEqual(cardOf(run.it, job, shown?.asOf ?? 0));
        expect(shown?.revision).toBe(job.revision);
      }
    },
  );
  fc.assert(property, { numRuns: 150, seed: 20_992 });
});

test("invariant 5: what a stale attempt or instance says changes no card", ({ expect }) => {
  let stale = 0;
  everyHistory(({ lived }) => {
    for (const { before, state, input, now } of lived) {
      if (before === null || state === null) continue;
      const named = input.kind === "beat" ? input.beat.instance : "instance" in input ? input.instance : null;
      if (named === null || named === before.instance?.id) continue;
      stale += 1;
      expect(state.jobs.map((job) => cardOf(state, job, now))).toEqual(
        before.jobs.map((job) => cardOf(before, job, now)),
      );
    }
  });
  expect(stale).toBeGreaterThan(50);
});
