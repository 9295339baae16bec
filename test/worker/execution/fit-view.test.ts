import { test } from "vitest";
import { fitView } from "../../../worker/execution/reading/fit-view.ts";
import { makeView } from "../fake-executions.ts";

const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;
const span = { tool: "bash", seq: 1, startedAt: 1, endedAt: 2, ok: true };

const full = makeView({
  logTail: ["l".repeat(1_000)],
  spans: [{ ...span, argsSummary: "a".repeat(480) }],
  progress: { completed: 1, inProgress: 0, total: 1, items: [{ label: "p".repeat(300), status: "done" }] },
  detail: "d".repeat(1_000),
  result: { summary: "s".repeat(2_000), custom: { tree: "c".repeat(5_000) }, pushed: true },
});

test("a view that fits stays as it is", ({ expect }) => {
  expect(fitView(full, size(full))).toBe(full);
});

test("a view gives up logTail, spans, progress items and detail, in this order and no more than it must", ({
  expect,
}) => {
  const kept = (maxBytes: number) => {
    const view = fitView(full, maxBytes);
    expect(size(view)).toBeLessThanOrEqual(maxBytes);
    return [view.logTail, view.spans, view.progress?.items, view.detail].map((part) => part !== undefined);
  };
  const whole = size(full);
  expect(kept(whole - 1)).toEqual([false, true, true, true]);
  expect(kept(whole - 1_100)).toEqual([false, false, true, true]);
  expect(kept(whole - 1_700)).toEqual([false, false, false, true]);
  expect(kept(whole - 2_100)).toEqual([false, false, false, false]);
});

test("a result loses its longest field first and says which and how large it was", ({ expect }) => {
  const { result } = fitView(full, size(full) - 4_000);
  expect(result).toMatchObject({ summary: "s".repeat(2_000), pushed: true });
  expect(result).not.toHaveProperty("custom");
  expect(result?.error).toBe("result-too-large: 'custom' has 5011 bytes; read it with ?result=full");
});

test("an error of the result's own stays before the mark", ({ expect }) => {
  const view = makeView({ result: { error: "no usable output", summary: "s".repeat(9_000) } });
  const { result } = fitView(view, 4_000);
  expect(result?.error).toMatch(/^no usable output · result-too-large: 'summary'/);
});

test("sizes are bytes as sent, not characters", ({ expect }) => {
  const view = makeView({ detail: "ä".repeat(1_000) });
  expect(fitView(view, size(view) - 1).detail).toBeUndefined();
});

test("a result of many fields shrinks until it fits", ({ expect }) => {
  const fields = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, "x".repeat(9_000)]));
  const view = fitView(makeView({ result: fields }), 199_000);
  expect(size(view)).toBeLessThanOrEqual(199_000);
  expect(Object.keys(view.result ?? {}).length).toBeGreaterThan(10);
});

test("the object's own lists go last", ({ expect }) => {
  const notes = Array.from({ length: 50 }, (_, at) => ({ at, code: "warning", text: "n".repeat(1_000) }));
  const view = fitView(makeView({ notes, result: { pushed: true } }), 10_000);
  expect(size(view)).toBeLessThanOrEqual(10_000);
  expect(view).toMatchObject({ notes: [], result: { pushed: true } });
});

test("what was seen of a stop under way goes before notes, and the stop stays", ({ expect }) => {
  const evidence = Array.from({ length: 40 }, (_, at) => ({ at, code: "seen", text: "e".repeat(1_000) }));
  const stop = {
    kind: "cancel",
    cause: "cancelled",
    text: "not wanted",
    at: 1,
    stage: "destroy",
    evidence,
  } as const;
  const notes = [{ at: 1, code: "warning", text: "kept" }];
  const view = fitView(makeView({ stop: { ...stop, evidence }, notes }), 10_000);
  expect(size(view)).toBeLessThanOrEqual(10_000);
  expect(view).toMatchObject({ stop: { stage: "destroy", evidence: [] }, notes });
});
