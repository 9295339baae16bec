import * as fc from "fast-check";
import { test } from "vitest";
import { emptyBoard, keyOf } from "../../worker/board/cards.ts";
import { cardOf } from "../../worker/execution/board/card.ts";
import { firstPace } from "../../worker/execution/board/news.ts";
import { Coverage } from "./coverage.ts";
import { live } from "./history.ts";
import type { Seen } from "./ledger.ts";
import { Mouth } from "./mouth.ts";
import { histories } from "./run.ts";

const seed = 20_992;

function stepsOf(history: Parameters<typeof live>[0]): readonly Seen[] {
  const steps: Seen[] = [];
  live(history, new Coverage((seen) => steps.push(seen)));
  return steps;
}

test("whatever calls are lost or whose answers are, the board ends as the newest word of each job", ({
  expect,
}) => {
  const fates = fc.array(fc.record({ arrives: fc.boolean(), answered: fc.boolean() }), {
    minLength: 1,
    maxLength: 20,
  });
  const restarted = fc.array(fc.boolean(), { minLength: 1, maxLength: 10 });
  const property = fc.property(histories, fates, restarted, (history, calls, restarts) => {
    const mouth = new Mouth();
    let board = emptyBoard;
    let last: Seen | null = null;
    for (const [n, seen] of stepsOf(history).entries()) {
      const { after: state, now } = seen;
      if (state === null) continue;
      last = seen;
      const before = board;
      board = mouth.look(state, now, board, calls[n % calls.length]);
      // A new incarnation knows what was written, and not how it went with the board.
      if (restarts[n % restarts.length] === true) mouth.pace = firstPace;
      for (const [key, { card }] of before.cards) {
        expect(board.cards.get(key)?.card.revision).toBeGreaterThanOrEqual(card.revision);
      }
      for (const { card } of board.cards.values()) {
        const newest = state.jobs.find(({ jobId }) => jobId === card.jobId)?.revision ?? 0;
        expect(card.revision).toBeLessThanOrEqual(newest);
      }
    }
    const state = last?.after ?? null;
    if (last === null || state === null) return;
    let { now } = last;
    for (let turn = 0; turn < 6; turn += 1) {
      now = Math.max(now, mouth.next(state, now) ?? now);
      board = mouth.look(state, now, board);
    }
    for (const job of state.jobs) {
      const shown = board.cards.get(keyOf({ executionId: state.executionId, jobId: job.jobId }))?.card;
      expect(shown).toEqual(cardOf(state, job, shown?.asOf ?? 0));
      expect(shown?.revision).toBe(job.revision);
    }
  });
  fc.assert(property, { numRuns: 150, seed });
});

test("invariant 5: what a stale attempt or instance says changes no card", ({ expect }) => {
  let stale = 0;
  const property = fc.property(histories, (history) => {
    for (const { before, after, input, now } of stepsOf(history)) {
      if (before === null || after === null) continue;
      const named = input.kind === "beat" ? input.beat.instance : "instance" in input ? input.instance : null;
      if (named === null || named === before.instance?.id) continue;
      stale += 1;
      expect(after.jobs.map((job) => cardOf(after, job, now))).toEqual(
        before.jobs.map((job) => cardOf(before, job, now)),
      );
    }
  });
  fc.assert(property, { numRuns: 300, seed });
  expect(stale).toBeGreaterThan(50);
});
