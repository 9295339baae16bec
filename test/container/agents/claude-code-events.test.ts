import { readFileSync } from "node:fs";
import { test } from "vitest";
import type { AgentEvent } from "../../../container/agents/agent.ts";
import { createClaudeCodeParser } from "../../../container/agents/claude-code/events.ts";
import { addToTranscript, emptyTranscript } from "../../../container/agents/transcript.ts";

type Kind = AgentEvent["kind"];

function readRecording(scenario: string): readonly AgentEvent[] {
  const path = new URL(`../fixtures/claude-code/2.1.330-${scenario}.jsonl`, import.meta.url);
  const [, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  return parse(...lines);
}

/** The events of one run; a line that is none of the format's is a defect of the test. */
function parse(...lines: readonly (string | object)[]): readonly AgentEvent[] {
  const parser = createClaudeCodeParser();
  return lines.flatMap((line) => {
    const events = parser.read(typeof line === "string" ? line : JSON.stringify(line));
    if (events === null) throw new Error(`no record: ${JSON.stringify(line)}`);
    return events;
  });
}

const ofKind = <K extends Kind>(events: readonly AgentEvent[], kind: K) =>
  events.filter((event): event is Extract<AgentEvent, { kind: K }> => event.kind === kind);
const toTranscript = (events: readonly AgentEvent[]) => events.reduce(addToTranscript, emptyTranscript);

const answer = (id: string, ...content: readonly object[]) => ({
  type: "assistant",
  message: { id, model: "m", content, usage: { input_tokens: 5, output_tokens: 1 } },
  parent_tool_use_id: null,
});
const text = (words: string) => ({ type: "text", text: words });
const success = { type: "result", subtype: "success", is_error: false, result: "" };

test("a recorded run of Claude Code gives its tool calls, its plan and its last words", ({ expect }) => {
  const events = readRecording("fix-failing-test");
  expect(ofKind(events, "tool-end").map(({ tool, ok }) => `${tool} ${ok}`)).toEqual([
    "TodoWrite true",
    "Bash false",
    "Read true",
    "Edit true",
    "Bash true",
    "Bash true",
    "TodoWrite true",
  ]);
  expect(ofKind(events, "tool-start").map(({ args }) => args)).toContain("/job/checkout/src/duration.js");
  expect(ofKind(events, "progress").map(({ progress }) => progress)).toMatchObject([
    { completed: 0, inProgress: 1, total: 2 },
    { completed: 2, inProgress: 0, total: 2, items: [{ label: "Find out why the test is red" }, {}] },
  ]);
  expect(toTranscript(events)).toMatchObject({ toolCalls: 7, modelError: null, isSettled: true });
  expect(toTranscript(events).summary).toMatch(/^\[scripted\] Fixed/);
});

test("Claude Code's tokens are told once for each answer, by class, with the output it ended with", ({
  expect,
}) => {
  const usage = ofKind(readRecording("fix-failing-test"), "usage").map((event) => event.usage);
  expect(usage).toHaveLength(8);
  expect(usage[1]).toEqual({
    model: "scripted",
    inputTokens: 102,
    cacheReadTokens: 2_000,
    cacheWriteTokens: 20,
    outputTokens: 22,
  });
});

test("what sub-agents of Claude Code use is told too, and adds up to the run's own total", ({ expect }) => {
  const events = readRecording("sub-agent");
  const usage = ofKind(events, "usage").map((event) => event.usage);
  const sum = (field: "inputTokens" | "cacheReadTokens" | "cacheWriteTokens" | "outputTokens") =>
    usage.reduce((total, counts) => total + counts[field], 0);
  // of `modelUsage` in the recording's last result
  expect([sum("inputTokens"), sum("cacheReadTokens"), sum("cacheWriteTokens"), sum("outputTokens")]).toEqual(
    totalsOf("sub-agent"),
  );
});

/** Read from the recording by hand of this test, away from the parser. */
function totalsOf(scenario: string): readonly number[] {
  const path = new URL(`../fixtures/claude-code/2.1.330-${scenario}.jsonl`, import.meta.url);
  const result = readFileSync(path, "utf8").trimEnd().split("\n").at(-1) ?? "";
  return ["inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens"].map((field) =>
    Number(new RegExp(`"modelUsage":\\{.*?"${field}":(\\d+)`).exec(result)?.[1]),
  );
}

test("what Claude Code says and used is taken from its result where no record before it told", ({
  expect,
}) => {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 3,
    output_tokens: 7,
  };
  const told = { ...success, result: "The report.", usage };
  expect(toTranscript(parse(told))).toMatchObject({
    summary: "The report.",
    usage: { inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 3, outputTokens: 7 },
  });
  const heard = toTranscript(parse(answer("m1", text("The report.")), told));
  expect(heard).toMatchObject({ assistantChars: 11, usage: { inputTokens: 10, outputTokens: 7 } });
  const own = {
    ...answer("m1"),
    message: { model: "<synthetic>", content: [text("Unknown command.")] },
  };
  expect(toTranscript(parse(own, { ...told, result: "Unknown command." })).summary).toBe("");
});

test("an answer that Claude Code was ended in counts with what is known of it", ({ expect }) => {
  const parser = createClaudeCodeParser();
  const call = { type: "tool_use", id: "t1", name: "Bash", input: {} };
  const line = answer("m1", text("I will look."), call);
  const events = [...(parser.read(JSON.stringify(line)) ?? []), ...parser.end()];
  expect(toTranscript(events)).toMatchObject({
    summary: "I will look.",
    toolCalls: 1,
    usage: { inputTokens: 5, outputTokens: 1 },
    isSettled: false,
  });
  expect(parser.end()).toEqual([]);
});

test("a sub-agent's calls are the run's, its words are not", ({ expect }) => {
  const events = readRecording("sub-agent");
  const calls = ofKind(events, "tool-end").map(({ tool }) => tool);
  expect(calls).toEqual(["Agent", "Bash", "Bash"]);
  expect(toTranscript(events)).toMatchObject({
    toolCalls: 3,
    summary: "[scripted] The part is done, and so am I.",
  });
  expect(ofKind(events, "answer").map((event) => event.text)).not.toContain(
    "[scripted] There is one file in the folder.",
  );
});

test("calls that Claude Code makes at once each have an end of their own", ({ expect }) => {
  const events = readRecording("tool-failure");
  expect(ofKind(events, "tool-end").map(({ callId, ok }) => `${callId} ${ok}`)).toEqual([
    "toolu_scripted_1_0 false",
    "toolu_scripted_1_1 false",
  ]);
  expect(ofKind(events, "answer").map(({ toolCalls }) => toolCalls)).toEqual([2, 0]);
});

test.for<readonly [string, RegExp]>([
  ["model-error-400", /400 \[scripted\] the request makes no sense/],
  ["model-error-401", /^Failed to authenticate.*401 \[scripted\] the token is not valid/],
  ["model-error-402", /402 \[scripted\] budget exhausted/],
  ["overloaded", /503 \[scripted\] overloaded/],
  ["truncated", /exceeded the \d+ output token maximum/],
])(
  "a recorded %s of Claude Code's model is said once and is the run's end",
  ([scenario, words], { expect }) => {
    const events = readRecording(scenario);
    expect(ofKind(events, "model-error").map((event) => event.text)).toEqual([expect.stringMatching(words)]);
    expect(toTranscript(events)).toMatchObject({
      modelError: expect.stringMatching(words),
      toolCalls: 0,
      isSettled: true,
    });
  },
);

test("an answer that was cut off says so, and the one that went on from there ends well", ({ expect }) => {
  const events = readRecording("truncated-once");
  expect(ofKind(events, "answer").map(({ isTruncated }) => isTruncated)).toEqual([true, false]);
  expect(toTranscript(events)).toMatchObject({ summary: "[scripted] This is the rest.", modelError: null });
});

test.for<readonly [string, object, string]>([
  [
    "is_error",
    { subtype: "success", is_error: true, result: "Credit balance is too low" },
    "Credit balance is too low",
  ],
  [
    "a subtype of error",
    { subtype: "error_max_turns", is_error: false },
    "the run ended with 'error_max_turns'",
  ],
  ["errors alone", { subtype: "error_during_execution", is_error: true, errors: ["a", "b"] }, "a; b"],
])("a result with %s is the model's error, whatever the exit code", ([, result, words], { expect }) => {
  expect(parse({ type: "result", ...result })).toEqual([
    { kind: "model-error", text: words },
    { kind: "settled" },
  ]);
});

test("an answer in several records is one answer, also where its pieces were not streamed", ({ expect }) => {
  const events = parse(
    answer("a", text("Half, ")),
    answer("a", text("and half.")),
    answer("b", text("Next.")),
    success,
  );
  expect(ofKind(events, "answer").map((event) => event.text)).toEqual(["Half, and half.", "Next."]);
  expect(ofKind(events, "usage")).toHaveLength(2);
});

test("a request that was cut off before it was answered is neither an answer nor counted", ({ expect }) => {
  const start = (id: string) => ({
    type: "stream_event",
    event: { type: "message_start", message: { id, usage: { input_tokens: 7 } } },
    parent_tool_use_id: null,
  });
  const events = parse(start("a"), start("b"), answer("b", text("Done.")), success);
  expect(ofKind(events, "answer").map((event) => event.text)).toEqual(["Done."]);
  expect(ofKind(events, "usage")).toHaveLength(1);
});

test("a failed request that a later answer overcame is forgotten", ({ expect }) => {
  const failed = { ...answer("x", text("API Error: 529")), is_api_error_message: true };
  const events = parse(failed, answer("y", text("Here I am again.")), success);
  expect(toTranscript(events)).toMatchObject({ modelError: null, summary: "Here I am again." });
  const inSubAgent = parse({ ...failed, parent_tool_use_id: "toolu_1" }, success);
  expect(ofKind(inSubAgent, "model-error")).toEqual([]);
});

test("a todo list that was refused is no progress, and one of millions neither", ({ expect }) => {
  const todos = [{ content: "Read", status: "completed" }];
  const run = (list: readonly object[], isError: boolean) =>
    parse(answer("a", { type: "tool_use", id: "t", name: "TodoWrite", input: { todos: list } }), {
      type: "user",
      message: { content: [{ type: "tool_result", tool_use_id: "t", is_error: isError }] },
    });
  const progress = { completed: 1, inProgress: 0, total: 1, items: [{ label: "Read", status: "completed" }] };
  expect(ofKind(run(todos, false), "progress")).toEqual([{ kind: "progress", progress }]);
  expect(ofKind(run(todos, true), "progress")).toEqual([]);
  expect(
    ofKind(
      run(
        Array.from({ length: 5_000 }, () => ({})),
        false,
      ),
      "progress",
    ),
  ).toEqual([]);
});

test("records of other kinds and other shapes are read over, other lines are no records", ({ expect }) => {
  expect(
    parse({ type: "system", subtype: "api_retry", attempt: 1 }, { type: "assistant" }, { what: 7 }),
  ).toEqual([]);
  expect(
    parse({
      type: "user",
      message: { content: [null, 7, { type: "tool_result", tool_use_id: "never made" }] },
    }),
  ).toEqual([]);
  const parser = createClaudeCodeParser();
  expect(parser.read("Warning: something")).toBeNull();
  expect(parser.read('{"type":"assistant",')).toBeNull();
  const depth = 20_000;
  const input = `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  const deep = `{"type":"assistant","message":{"id":"a","content":[{"type":"tool_use","id":"t","name":"Odd","input":${input}}]}}`;
  expect(parser.read(deep)).toEqual([
    { kind: "tool-start", tool: "Odd", callId: "t", args: "(arguments nested too deep to show)" },
  ]);
});
