import { test } from "vitest";
import { type ExecutionEvent, EventKinds } from "../../shared/events.ts";
import { prunedWords, wordsOf } from "../../shared/event-words.ts";

const writing = { duration: (ms: number) => `${ms}ms`, clock: (at: number) => `@${at}` };

function said(kind: string, fields: Record<string, unknown> = {}): string {
  const event: ExecutionEvent = {
    cursor: 1,
    at: 0,
    kind,
    jobId: "e_1-coder",
    attempt: 2,
    instance: "i",
    ...fields,
  };
  const { label, text, tone } = wordsOf(event, writing);
  return `${label} | ${text} | ${tone}`;
}

test("events are told in words", ({ expect }) => {
  const rows: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ["dispatched", {}, "job | e_1-coder is stored and its deadlines are armed | plain"],
    ["instance-started", { coldStartMs: 700 }, "container | ready after 700ms | active"],
    ["attempt-started", {}, "attempt 2 | begins | active"],
    ["phase", { phase: "clone" }, "phase | clone | strong"],
    ["tool-start", { tool: "bash", argsSummary: "ls" }, "tool | bash begins  ls | plain"],
    ["tool-end", { tool: "bash", ok: true, durationMs: 5 }, "tool | bash ok after 5ms | good"],
    ["tool-end", { tool: "bash", ok: false, durationMs: 5 }, "tool | bash failed after 5ms | bad"],
    [
      "tool-end",
      { tool: "todo", ok: true, durationMs: 5, argsSummary: "[…]" },
      "tool | todo ok after 5ms | good",
    ],
    ["output", { stream: "agent", text: "a\nb\n" }, "agent | a\nb | plain"],
    ["follow-up", { followUp: { kind: "question", title: "Which?" } }, "question | Which? | warn"],
    ["progress", { progress: { completed: 1, total: 3 } }, "progress | 1 of 3 done | plain"],
    ["usage", { inputTokens: 5, outputTokens: 6, model: "m" }, "usage | 5 tokens in, 6 out (m) | plain"],
    ["note", { code: "drained", text: "x" }, "note | drained: x | plain"],
    ["gap", { count: 1, reason: "r" }, "gap | 1 event is missing: r | warn"],
    ["gap", { count: null, reason: "r" }, "gap | an unknown number of events are missing: r | warn"],
    ["instance-exited", { code: 137, cause: "oom" }, "container | ended: oom, exit code 137 | active"],
    [
      "instance-exited",
      { code: null, cause: "vanished" },
      "container | ended: vanished, exit code unknown | active",
    ],
    ["deadline-extended", { deadline: "preview", until: 7 }, "extended | preview until @7 | active"],
    ["terminal", { status: "done" }, "ended | done | good"],
    ["terminal", { status: "evicted" }, "ended | evicted | bad"],
    ["verdict", { cause: "vanished", decision: "recover" }, "object | verdict vanished recover | warn"],
    ["of-a-later-version", {}, "object | of-a-later-version | warn"],
  ];
  for (const [kind, fields, words] of rows) expect(said(kind, fields), kind).toBe(words);
});

test("every kind has words, also where its fields are none of ours", ({ expect }) => {
  for (const kind of Object.keys(EventKinds)) {
    expect(said(kind, { text: 7, progress: "x", followUp: null, count: "many" }), kind).not.toMatch(
      /undefined|NaN/,
    );
  }
});

test("no text of an agent steers what stands round it", ({ expect }) => {
  expect(said("phase", { phase: "\u001B[2Jclone\u202E\nx" })).toBe("phase | clone x | strong");
  expect(said("output", { stream: "agent", text: "\u001B]0;title\u0007red\u202E" })).toBe(
    "agent | red | plain",
  );
});

test("what is no longer kept is counted", ({ expect }) => {
  expect(prunedWords(1)).toBe("1 older event is no longer kept");
  expect(prunedWords(40)).toBe("40 older events are no longer kept");
});
