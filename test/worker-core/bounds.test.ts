import { test } from "vitest";
import type { HarnessEvent } from "../../shared/events.ts";
import { Limits } from "../../shared/limits.ts";
import { makeFollowUp, makeOutput, makePolicy } from "./build.ts";
import { Run, runningRun } from "./run.ts";

/** Takes six bytes of JSON for one of its own: the worst a text can do. */
const WORST = "\u0001";

/** A row of the platform's storage ends at 2 MB; each job is one. */
const ROW_BYTES = 2_000_000;

test("invariant 14: a flood of everything a harness may send leaves a job within its row", ({ expect }) => {
  const run = runningRun();
  for (let flood = 0; flood < 60; flood += 1) {
    const seq = (run.job.current?.ack ?? 0) + 1;
    run.beat(
      {
        phase: WORST.repeat(60),
        progress: {
          completed: 1,
          inProgress: 1,
          total: 2,
          items: Array.from({ length: 200 }, () => ({
            label: WORST.repeat(300),
            status: WORST.repeat(40),
            more: "x",
          })),
          unknown: "x".repeat(200_000),
        },
        events: flooding(seq, flood),
      },
      1_000,
    );
  }
  run.beat({ terminal: { state: "failed", error: WORST.repeat(900_000), detail: WORST.repeat(300_000) } });
  expect(run.job.status).toBe("failed");
  expect(bytesOf(run.job)).toBeLessThan(ROW_BYTES);
});

test("invariant 14: a stop that is never proved leaves a job within its row", ({ expect }) => {
  const run = runningRun();
  run.give({ kind: "cancel", jobId: run.job.jobId, reason: WORST.repeat(Limits.reasonChars) });
  for (let tries = 0; tries < 200; tries += 1) {
    run.give({ kind: "destroy-unproved", instance: run.instance.id, text: WORST.repeat(20_000) }, 5_000);
    run.tick();
  }
  expect(run.job.notes.length).toBeLessThanOrEqual(Limits.notesPerJob);
  expect(run.job.stop?.evidence.length).toBeLessThanOrEqual(Limits.evidencePerJob);
  expect(bytesOf(run.job)).toBeLessThan(ROW_BYTES);
});

test("invariant 14: what a platform says at length about failed starts is cut before it is kept", ({
  expect,
}) => {
  const run = new Run();
  run.dispatch({ policy: makePolicy({ queuedMs: 30 * 24 * 3_600_000 }) });
  const message = WORST.repeat(100_000);
  for (let tries = 0; tries < 20; tries += 1) {
    const { id: instance } = run.instance;
    run.give({ kind: "start-failed", instance, cause: "no-capacity", message }, 10);
    expect(bytesOf(run.it)).toBeLessThan(200_000);
    run.tick(45_000);
    run.give({ kind: "probe-noted", instance: run.instance.id, text: message }, 10);
    expect(bytesOf(run.it)).toBeLessThan(200_000);
  }
  expect(run.job.status).toBe("starting");
});

test("invariant 14: no event is larger than its limit, whatever unknown fields swell it, and its own text survives", ({
  expect,
}) => {
  const swollen = [
    fieldsOf(100, 1_900),
    fieldsOf(1_200, 150),
    { one: "x".repeat(100_000) },
    { nested: { deep: ["x".repeat(40_000)] } },
  ];
  const run = runningRun();
  const { events } = run.beat({
    events: swollen.map((more, index) => ({ ...makeOutput(index + 1), ...more })),
  });
  expect(events).toHaveLength(swollen.length);
  for (const { body } of events) {
    expect(bytesOf(body)).toBeLessThanOrEqual(Limits.eventBytes);
    expect(body["text"]).toMatch(/^line \d$/);
    expect(body["stream"]).toBe("agent");
  }
});

test("an event within its limit is stored as it came", ({ expect }) => {
  const run = runningRun();
  const { events } = run.beat({ events: [{ ...makeOutput(1), ...fieldsOf(10, 1_000) }] });
  expect(events[0]?.body).toMatchObject({ ...fieldsOf(10, 1_000), text: "line 1" });
});

function fieldsOf(count: number, length: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`field${index}`, "x".repeat(length)]),
  );
}

test("invariant 14: of different follow-ups the last two hundred are known again, and each is offered", ({
  expect,
}) => {
  const run = runningRun();
  run.beat({ events: Array.from({ length: 250 }, (_, index) => makeFollowUp(index + 1)) });
  expect(run.job.followUpKeys).toHaveLength(200);
  const again = [51, 250, 50].map((told, index) => makeFollowUp(251 + index, { title: `follow-up ${told}` }));
  run.beat({ events: again });
  const told = run.events.filter(({ kind }) => kind === "follow-up").map(({ body }) => body["repeated"]);
  expect(told).toStrictEqual([...Array.from({ length: 250 }, () => false), true, true, false]);
  expect(run.job.followUpKeys).toHaveLength(200);
});

test("a text that was cut says how much is missing", ({ expect }) => {
  const run = runningRun();
  run.beat({ terminal: { state: "failed", error: "e".repeat(20_000) } });
  expect(run.job.end?.error).toMatch(/^e{16384}… \(3616 more\)$/);
});

test("the log tail keeps the newest lines, each within its length", ({ expect }) => {
  const run = runningRun();
  run.beat({ events: [makeOutput(1, Array.from({ length: 100 }, (_, line) => `line ${line}`).join("\n"))] });
  run.beat({ events: [makeOutput(2, "y".repeat(2_000))] });
  expect(run.job.logTail).toHaveLength(Limits.logTailLines);
  expect(run.job.logTail.at(-2)).toBe("line 99");
  expect(run.job.logTail.at(-1)).toHaveLength(Limits.logTailLineChars);
});

function flooding(seq: number, flood: number): HarnessEvent[] {
  const at = 0;
  const text = WORST.repeat(Limits.eventTextChars);
  return [
    { seq, at, kind: "note", code: `note-${flood}`, text },
    { seq: seq + 1, at, kind: "output", stream: "agent", text: `${WORST.repeat(2_000)}\n`.repeat(8) },
    { seq: seq + 2, at, kind: "gap", count: 1, reason: WORST.repeat(200) },
    { seq: seq + 3, at, ...usage, model: `${flood}${WORST.repeat(190)}` },
    ...Array.from({ length: 20 }, (_, index) =>
      makeFollowUp(seq + 4 + index, {
        title: `${flood}-${index}${WORST.repeat(200)}`,
        detail: WORST.repeat(9_000),
      }),
    ),
  ];
}

const usage = {
  kind: "usage",
  inputTokens: 1,
  cacheReadTokens: 1,
  cacheWriteTokens: 1,
  outputTokens: 1,
} as const;

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}
