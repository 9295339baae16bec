import { test } from "vitest";
import { Limits } from "../../../shared/limits.ts";
import { emptyBoard } from "../../../worker/board/cards.ts";
import { backoffMs, newsOf } from "../../../worker/execution/board/news.ts";
import { DONE, JOB } from "../build.ts";
import { Mouth } from "../../simulation/mouth.ts";
import { Run, runningRun } from "../run.ts";

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
    expect(mouth.next(run.it, run.now)).toBe(run.now);
    mouth.look(run.it, run.now, emptyBoard);
    expect(mouth.next(run.it, run.now)).not.toBe(run.now);
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
    expect(mouth.next(run.it, run.now)).toBe(toldAt + 5_000);
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
  expect(mouth.next(run.it, run.now)).toBe(run.now + 60_000);
  run.now += 60_000;
  mouth.look(run.it, run.now, emptyBoard);
  const [again] = mouth.calls[1] ?? [];
  expect(again).toMatchObject({ revision: first?.revision, asOf: run.now, staleAt: run.now + 150_000 });
  expect(first?.staleAt).toBeGreaterThan(run.now);
  run.beat({ terminal: DONE }, 1_000);
  mouth.look(run.it, run.now, emptyBoard);
  expect(mouth.next(run.it, run.now)).toBeNull();
});

test("after failures nothing is told before its time, not even an end: 1, 2, 5, 15, 30, then every 60 s", ({
  expect,
}) => {
  const { run, mouth } = knownRun();
  run.beat({ terminal: DONE }, 1_000);
  const waits: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    mouth.look(run.it, run.now, emptyBoard, { arrives: false, answered: false });
    const next = mouth.next(run.it, run.now) ?? 0;
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
  expect([mouth.next(run.it, run.now), mouth.pace.failures]).toEqual([null, 0]);
});

test("many jobs go in calls of a bounded size, one after the other", ({ expect }) => {
  const run = new Run();
  for (let n = 0; n < 120; n += 1) run.dispatch({ jobId: `run_1-${n}` });
  const mouth = new Mouth();
  let board = emptyBoard;
  while (mouth.next(run.it, run.now) === run.now) board = mouth.look(run.it, run.now, board);
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
