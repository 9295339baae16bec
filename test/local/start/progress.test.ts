import { test } from "vitest";
import { createProgress } from "../../../local/progress.ts";
import type { ExecutionEvent } from "../../../shared/events.ts";

const startedAt = Date.UTC(2099, 0, 1);

function makeEvent(kind: string, afterMs: number, fields: Record<string, unknown> = {}): ExecutionEvent {
  const at = startedAt + afterMs;
  return { cursor: 1, at, kind, jobId: "demo-coder", attempt: 1, instance: "i", ...fields };
}

function show(...events: readonly ExecutionEvent[]) {
  const { add, pending } = createProgress(startedAt, (_style, text) => text);
  return { lines: events.flatMap(add), pending: pending() };
}

test("a tool call is one line, when it has ended; until then it is pending", ({ expect }) => {
  const call = { tool: "bash", callId: "1", argsSummary: "node --test" };
  const begun = makeEvent("tool-start", 1900, call);
  expect(show(begun)).toEqual({
    lines: [],
    pending: "   1.9 s  tool      bash  …               node --test",
  });
  const ended = makeEvent("tool-end", 3250, { ...call, ok: false, durationMs: 1350 });
  expect(show(begun, ended)).toEqual({
    lines: ["   3.3 s  tool      bash  failed    1.4 s  node --test"],
    pending: null,
  });
});

test("calls beside each other keep apart, and one that never ended is shown at the end", ({ expect }) => {
  const { lines, pending } = show(
    makeEvent("tool-start", 0, { tool: "bash", callId: "1", argsSummary: "sleep 60" }),
    makeEvent("tool-start", 100, { tool: "read", callId: "2", argsSummary: "a.js" }),
    makeEvent("tool-end", 200, { tool: "read", callId: "2", argsSummary: "a.js", ok: true, durationMs: 100 }),
    makeEvent("terminal", 900, { status: "cancelled" }),
  );
  expect(lines).toEqual([
    "   0.2 s  tool      read  ok       100 ms  a.js",
    "   0.0 s  tool      bash  …               sleep 60",
    "   0.9 s  ended     cancelled",
  ]);
  expect(pending).toBeNull();
});

test("what an agent writes cannot steer the terminal", ({ expect }) => {
  const text = "red \u001B[31mtext\u001B]0;title\u0007\r\nsecond\u202E line\u0000\b\n\n";
  expect(show(makeEvent("output", 0, { stream: "agent", text })).lines).toEqual([
    "   0.0 s  agent     red text",
    "   0.0 s  agent     second line",
  ]);
  const [long = ""] = show(makeEvent("output", 0, { stream: "agent", text: "x".repeat(5000) })).lines;
  expect(long.length).toBeLessThan(500);
});

test("a gap says how many events are missing, and a kind of a later version is named", ({ expect }) => {
  const { lines } = show(
    makeEvent("gap", 0, { count: 3, reason: "the buffer was full" }),
    makeEvent("gap", 0, { count: null, reason: "the container was lost" }),
    makeEvent("gap", 0, { count: 1, reason: "too long" }),
    makeEvent("of-a-later-version", 0, { text: "?" }),
  );
  expect(lines).toEqual([
    "   0.0 s  gap       3 events are missing: the buffer was full",
    "   0.0 s  gap       an unknown number of events are missing: the container was lost",
    "   0.0 s  gap       1 event is missing: too long",
    "   0.0 s  object    of-a-later-version ?",
  ]);
});
