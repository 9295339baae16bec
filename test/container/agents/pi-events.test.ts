import { readFileSync } from "node:fs";
import { test } from "vitest";
import type { AgentEvent } from "../../../container/agents/agent.ts";
import { parsePiEvent } from "../../../container/agents/pi/events.ts";
import { addToTranscript, emptyTranscript } from "../../../container/agents/transcript.ts";

function readRecording(name: string): readonly AgentEvent[] {
  const path = new URL(`../fixtures/pi/${name}.jsonl`, import.meta.url);
  const [, ...lines] = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").flatMap((line) => parsePiEvent(line) ?? [{ kind: "settled" }]);
}

const toTranscript = (events: readonly AgentEvent[]) => events.reduce(addToTranscript, emptyTranscript);
const parse = (event: object): readonly AgentEvent[] | null => parsePiEvent(JSON.stringify(event));
const answer = (message: object) =>
  parse({ type: "message_end", message: { role: "assistant", ...message } }) ?? [];

test("a recorded run of Pi gives its tool calls, its usage and its last words", ({ expect }) => {
  const events = readRecording("0.87.1-fix-failing-test");
  const calls = events.flatMap((event) => (event.kind === "tool-end" ? [`${event.tool} ${event.ok}`] : []));
  expect(calls).toEqual([
    "todo true",
    "bash false",
    "read true",
    "edit true",
    "bash true",
    "bash true",
    "todo true",
  ]);
  const started = events.flatMap((event) => (event.kind === "tool-start" ? [event.args] : []));
  expect(started.slice(1, 4)).toEqual(["node --test", "src/duration.js", "src/duration.js"]);
  expect(toTranscript(events)).toMatchObject({ toolCalls: 7, modelError: null, isSettled: true });
  expect(toTranscript(events).summary).toMatch(/^\[scripted\] Fixed/);
  const usage = events.filter((event) => event.kind === "usage");
  expect(usage.length).toBe(8);
  const counts = { inputTokens: 101, cacheReadTokens: 1_000, cacheWriteTokens: 10, outputTokens: 21 };
  expect(usage[0]).toEqual({ kind: "usage", usage: { model: "scripted", ...counts } });
  expect(events.filter(({ kind }) => kind === "progress")).toHaveLength(2);
});

test("a recorded refusal of the model is the transcript's error, though Pi settles as ever", ({ expect }) => {
  const transcript = toTranscript(readRecording("0.87.1-model-error-402"));
  expect(transcript.modelError).toContain("budget exhausted");
  expect(transcript).toMatchObject({ summary: "", toolCalls: 0, isSettled: true });
});

test.for<readonly [string, RegExp]>([
  ["model-error-400", /400.*the request makes no sense/],
  ["model-error-401", /401.*the token is not valid/],
  ["model-error-402", /402.*budget exhausted/],
  ["overloaded", /503.*overloaded/],
])("a recorded %s of Pi's model is the transcript's error", ([scenario, words], { expect }) => {
  const transcript = toTranscript(readRecording(`0.87.1-${scenario}`));
  expect(transcript).toMatchObject({ modelError: expect.stringMatching(words), isSettled: true });
});

test("a recorded answer of Pi's model that was cut off says so", ({ expect }) => {
  const answers = readRecording("0.87.1-truncated").filter((event) => event.kind === "answer");
  expect(answers).toMatchObject([{ text: "[scripted] This is going to be", isTruncated: true }]);
});

test("recorded calls of Pi that it makes at once each have an end of their own", ({ expect }) => {
  const events = readRecording("0.87.1-tool-failure");
  const ends = events.filter((event) => event.kind === "tool-end");
  expect(ends.map(({ tool, ok }) => `${tool} ${ok}`)).toEqual(["read false", "bash false"]);
});

test("an error that a retry overcame is forgotten, and earlier work still counts", ({ expect }) => {
  const events = [
    ...answer({
      content: [
        { type: "text", text: "First" },
        { type: "toolCall", id: "1", name: "bash" },
      ],
    }),
    ...answer({ content: [], stopReason: "error", errorMessage: "500: boom" }),
    ...(parse({ type: "auto_retry_start", attempt: 1, errorMessage: "500: boom" }) ?? []),
    ...answer({ content: [{ type: "text", text: "Second" }], stopReason: "stop" }),
    ...(parse({ type: "auto_retry_end", success: true, attempt: 1 }) ?? []),
  ];
  expect(toTranscript(events)).toMatchObject({
    summary: "Second",
    toolCalls: 1,
    assistantChars: 11,
    modelError: null,
    isSettled: false,
  });
});

test("a run of Pi's is over with its end unless a retry follows", ({ expect }) => {
  expect(parse({ type: "agent_end", messages: [], willRetry: false })).toEqual([{ kind: "settled" }]);
  expect(parse({ type: "agent_end", messages: [], willRetry: true })).toEqual([]);
});

test("retries that ran out are an error in the provider's words", ({ expect }) => {
  expect(parse({ type: "auto_retry_end", success: false, finalError: "529 overloaded" })).toEqual([
    { kind: "model-error", text: "529 overloaded" },
  ]);
});

test("a todo list is progress; a failed call of the tool is not", ({ expect }) => {
  const tasks = [
    { subject: "Read", status: "completed" },
    { title: " Fix ", status: "in_progress" },
    { status: "pending" },
    { subject: "Gone", status: "deleted" },
  ];
  const call = {
    type: "tool_execution_end",
    toolCallId: "1",
    toolName: "todo",
    result: { details: { tasks } },
  };
  expect(parse({ ...call, isError: false })?.[1]).toEqual({
    kind: "progress",
    progress: {
      completed: 1,
      inProgress: 1,
      total: 3,
      items: [
        { label: "Read", status: "completed" },
        { label: "Fix", status: "in_progress" },
        { label: "Untitled task", status: "pending" },
      ],
    },
  });
  expect(parse({ ...call, isError: true })).toHaveLength(1);
});

test("a message of an odd shape still says what the model came to", ({ expect }) => {
  const said = (more: object) =>
    parse({ type: "message_end", message: { role: "assistant", content: [], ...more } });
  expect(said({ stopReason: "error", errorMessage: { code: 402 }, model: 7 })).toEqual([
    { kind: "model-error", text: "the model's answer ended with 'error'" },
  ]);
  expect(said({ stopReason: "error", errorMessage: "402", content: null })).toEqual([
    { kind: "model-error", text: "402" },
  ]);
  const content = [null, 7, { type: "text", text: null }, { type: "toolCall" }, { type: "text", text: "ok" }];
  expect(said({ stopReason: null, content })).toEqual([
    { kind: "answer", text: "ok", toolCalls: 1, isTruncated: false },
  ]);
});

test("events of other kinds and of other shapes are read over, other lines are not events", ({ expect }) => {
  expect(parse({ type: "message_update", assistantMessageEvent: {} })).toEqual([]);
  expect(parse({ type: "tool_execution_end", toolName: 7 })).toEqual([]);
  expect(parse({ type: "message_end", message: { role: "user", content: "hi" } })).toEqual([]);
  expect(parse({ kind: "something else" })).toEqual([]);
  expect(parsePiEvent("Warning: no such model")).toBeNull();
  expect(parsePiEvent('{"type":"message_end",')).toBeNull();
});

test("arguments nested some thousand deep are named, not written out", ({ expect }) => {
  const depth = 20_000;
  const line = `{"type":"tool_execution_start","toolCallId":"c","toolName":"odd","args":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  expect(parsePiEvent(line)).toStrictEqual([
    { kind: "tool-start", tool: "odd", callId: "c", args: "(arguments nested too deep to show)" },
  ]);
});

test("a todo list of millions is no progress", ({ expect }) => {
  const details = { tasks: Array.from({ length: 5_000 }, () => ({ status: "pending" })) };
  const line = JSON.stringify({
    type: "tool_execution_end",
    toolCallId: "c",
    toolName: "todo",
    isError: false,
    result: { details },
  });
  expect(parsePiEvent(line)).toStrictEqual([{ kind: "tool-end", tool: "todo", callId: "c", ok: true }]);
});
