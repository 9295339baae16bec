import { describe, test } from "vitest";
import { Card } from "../../../shared/board.ts";
import { Limits } from "../../../shared/limits.ts";
import { cardOf } from "../../../worker/execution/board/card.ts";
import { isLive, isTerminal } from "../../../worker/execution/state.ts";
import { DONE, JOB, makePolicy, T0 } from "../build.ts";
import { type Run, runningRun } from "../run.ts";
import { type Situation, situations } from "../situations.ts";

const about = {
  repository: "holt/sample",
  branch: "holt/1",
  agent: "pi",
  model: "scripted",
  mode: "coding",
} as const;

function card(run: Run, jobId = JOB): Card {
  return cardOf(run.it, run.jobOf(jobId), run.now);
}

describe("a card of every situation", () => {
  for (const [name, { make }] of Object.entries<Situation>(situations)) {
    test(`${name}: is a Card, and tells of an end only where there is one`, ({ expect }) => {
      const run = make();
      const shown = card(run);
      expect(Card.parse(shown)).toStrictEqual(shown);
      expect(shown).toMatchObject({ status: run.job.status, revision: run.job.revision, asOf: run.now });
      const ended = isTerminal(shown.status);
      expect([shown.outcome !== null, shown.endedAt !== null, shown.staleAt === null]).toStrictEqual([
        ended,
        ended,
        ended,
      ]);
    });
  }
});

test("a live job says what stops it next, which moves with what it waits for; an ended one says none", ({
  expect,
}) => {
  const run = runningRun({ policy: makePolicy({ inactivityMs: 100_000, maxDurationMs: 400_000 }) });
  run.beat({ phase: "clone" }, 1_000);
  expect(card(run).deadline).toMatchObject({ name: "max-duration", extendable: true });
  run.beat({ phase: "agent", outputAgeMs: 0 }, 1_000);
  const asked = card(run).deadline;
  expect(asked).toEqual({
    name: "inactivity",
    at: run.now + 100_000,
    extendable: true,
    why: "the job is stopped unless its agent shows activity",
  });
  run.give({ kind: "extend", jobId: JOB, deadline: "inactivity", until: run.now + 300_000 }, 1_000);
  expect(card(run).deadline?.at).toBe(run.now - 1_000 + 300_000);
  run.beat({ terminal: DONE }, 1_000);
  expect(card(run)).toMatchObject({ deadline: null, outcome: { code: "done" }, endedAt: run.now });
});

test("a job that waits behind another is stopped by nothing of that one's", ({ expect }) => {
  const run = situations["queued behind another"].make();
  expect(card(run).deadline).toBeNull();
  expect(card(run, "run_1-first").deadline).not.toBeNull();
});

test("a finished preview has its end as deadline while it stands, under a new revision where it is moved", ({
  expect,
}) => {
  const run = runningRun();
  run.beat({ terminal: { state: "done", result: { preview: { url: "http://127.0.0.1:3000" } } } }, 1_000);
  const before = card(run);
  expect(before).toMatchObject({ status: "done", deadline: { name: "preview", extendable: true } });
  const until = (before.deadline?.at ?? 0) + 60_000;
  run.give({ kind: "extend", jobId: JOB, deadline: "preview", until }, 1_000);
  const after = card(run);
  expect(after.deadline?.at).toBe(until);
  expect(after.revision).toBeGreaterThan(before.revision);
  run.release(1_000);
  expect(card(run).deadline).toBeNull();
});

test("a card shows names of the spec, the place in line, signals, usage and a question", ({ expect }) => {
  const waiting = situations["queued for a slot"].make();
  waiting.give({ kind: "slot", answer: { kind: "waiting", position: 3, live: 20, max: 20 } });
  expect(card(waiting)).toMatchObject({ queue: { position: 3, live: 20, max: 20 }, about: null });
  const run = runningRun({ about, labels: { title: "Fix the test", team: "core" } });
  expect(card(run)).toMatchObject({
    about,
    title: "Fix the test",
    labels: { team: "core" },
    attention: null,
  });
  const asks = { seq: 1, at: T0, kind: "follow-up" } as const;
  const question = { kind: "question", title: "Which one?", detail: "Both are there." } as const;
  const usage = {
    seq: 2,
    at: T0,
    kind: "usage",
    model: "scripted",
    inputTokens: 7,
    cacheReadTokens: 2,
    cacheWriteTokens: 1,
    outputTokens: 5,
  } as const;
  run.beat({ outputAgeMs: 250, events: [{ ...asks, followUp: question }, usage] }, 5_000);
  expect(card(run)).toMatchObject({
    signals: { process: run.now, output: run.now - 250, tool: null },
    usage: { containerSeconds: 5.1, input: 7, cacheRead: 2, cacheWrite: 1, output: 5 },
    attention: { since: run.now, why: "the agent asked a question" },
  });
});

test("a long list is shown from shortly before its first open item, and counted whole", ({ expect }) => {
  const run = runningRun();
  const items = Array.from({ length: 80 }, (_, n) => ({
    label: `${n} ${"x".repeat(280)}`,
    status: n < 60 ? "completed" : "pending",
  }));
  const counts = { completed: 60, inProgress: 0, total: 80 };
  run.beat({ progress: { ...counts, items } }, 1_000);
  const { progress } = card(run);
  expect(progress).toMatchObject(counts);
  const numbers = (progress?.items ?? []).map(({ label }) => Number.parseInt(label, 10));
  expect(numbers).toEqual(Array.from({ length: Limits.cardItems }, (_, n) => 50 + n));
  for (const { label } of progress?.items ?? [])
    expect(label.length).toBeLessThanOrEqual(Limits.cardItemChars);
});

test("invariant 14: a card is bounded, and keeps its title, its state and what stops it", ({ expect }) => {
  const wide = "𝕊".repeat(Limits.labelChars / 2);
  const labels = Object.fromEntries(
    Array.from({ length: Limits.labels - 1 }, (_, n) => [`${n}${wide}`, wide]),
  );
  const run = runningRun({ labels: { ...labels, title: wide } });
  const items = Array.from({ length: 200 }, () => ({ label: "𝕊".repeat(140), status: "pending" }));
  run.beat({ progress: { completed: 0, inProgress: 0, total: 200, items } }, 1_000);
  const shown = card(run);
  expect(new TextEncoder().encode(JSON.stringify(shown)).byteLength).toBeLessThanOrEqual(Limits.cardBytes);
  expect(shown).toMatchObject({
    title: wide,
    labels: {},
    progress: { total: 200, items: [] },
    status: "running",
  });
  expect(shown.deadline).not.toBeNull();
  expect(isLive(run.job)).toBe(true);
});
