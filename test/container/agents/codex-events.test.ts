import { test } from "vitest";
import type { AgentEvent } from "../../../container/agents/agent.ts";
import { createCodexParser } from "../../../container/agents/codex/events.ts";
import { addToTranscript, emptyTranscript } from "../../../container/agents/transcript.ts";

type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What one run that says these lines comes to. */
function read(...lines: readonly Line[]): readonly AgentEvent[] {
  const parser = createCodexParser();
  return lines.flatMap((line) => parser.read(JSON.stringify(line)) ?? []);
}

/** The same for a run that is ended there. */
function readToEnd(...lines: readonly Line[]): readonly AgentEvent[] {
  const parser = createCodexParser();
  return [...lines.flatMap((line) => parser.read(JSON.stringify(line)) ?? []), ...parser.end()];
}

const toTranscript = (events: readonly AgentEvent[]) => events.reduce(addToTranscript, emptyTranscript);
const completed = (item: object): Line => ({ type: "item.completed", item: { id: "item_9", ...item } });
const said = (text: string): Line => completed({ type: "agent_message", text });
const ran = (command: string, exitCode: number): Line =>
  completed({
    type: "command_execution",
    command,
    aggregated_output: "",
    exit_code: exitCode,
    status: exitCode === 0 ? "completed" : "failed",
  });
const usage = (input: number, cached: number, written: number, output: number): object => ({
  input_tokens: input,
  cached_input_tokens: cached,
  cache_write_input_tokens: written,
  output_tokens: output,
  reasoning_output_tokens: 1,
});
const ended = (counted: object = usage(0, 0, 0, 0)): Line => ({ type: "turn.completed", usage: counted });
const failed = (message: string): Line => ({ type: "turn.failed", error: { message } });
const error = (message: string): Line => ({ type: "error", message });

test("what Codex thinks and warns of is not what it says", ({ expect }) => {
  const events = read(
    completed({ type: "reasoning", text: "**Thinking** about it" }),
    completed({ type: "error", message: "Model metadata for `scripted` not found." }),
    said("Done"),
    ended(),
  );
  expect(events).toEqual([
    { kind: "answer", text: "Done", toolCalls: 0, isTruncated: false },
    { kind: "settled" },
  ]);
  expect(toTranscript(events)).toMatchObject({ summary: "Done", assistantChars: 4, isFinalEmpty: false });
});

test("a step of Codex's list is done or it is not, and the list is progress", ({ expect }) => {
  const items = [
    { text: "Read", completed: true },
    { text: " Fix ", completed: false },
    { text: "", completed: false },
  ];
  const progress = {
    completed: 1,
    inProgress: 0,
    total: 3,
    items: [
      { label: "Read", status: "completed" },
      { label: "Fix", status: "pending" },
      { label: "Untitled task", status: "pending" },
    ],
  };
  const list = { id: "item_1", type: "todo_list", items };
  const [started, updated] = ["item.started", "item.updated"].map((type) => ({ type, item: list }));
  expect(read(started ?? ended(), updated ?? ended())).toEqual([
    { kind: "progress", progress },
    { kind: "progress", progress },
  ]);
  const many = Array.from({ length: 5_000 }, () => ({ text: "x", completed: false }));
  expect(read(completed({ type: "todo_list", items: many }))).toEqual([]);
});

test("tokens that the cache read or wrote are counted once, as such", ({ expect }) => {
  const counted = (...turns: readonly object[]) =>
    read(...turns.map((turn) => ended(turn))).flatMap((event) =>
      event.kind === "usage" ? [event.usage] : [],
    );
  expect(counted(usage(100, 80, 5, 7))).toEqual([
    { inputTokens: 15, cacheReadTokens: 80, cacheWriteTokens: 5, outputTokens: 7 },
  ]);
  expect(counted({ input_tokens: 10, output_tokens: 1 })).toEqual([
    { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 },
  ]);
  expect(counted(usage(0, 0, 0, 0), {}, { input_tokens: "many" })).toEqual([]);
});

test("a second turn adds what is new, for Codex counts over the whole thread", ({ expect }) => {
  const events = read(ended(usage(100, 80, 0, 7)), ended(usage(300, 240, 10, 20)));
  expect(toTranscript(events).usage).toEqual({
    inputTokens: 50,
    cacheReadTokens: 240,
    cacheWriteTokens: 10,
    outputTokens: 20,
  });
});

test("a count that begins anew with a turn is told whole", ({ expect }) => {
  const events = read(ended(usage(300, 240, 10, 20)), ended(usage(100, 80, 0, 7)));
  expect(toTranscript(events).usage).toMatchObject({ cacheReadTokens: 320, outputTokens: 27 });
});

test("a call is counted with the words that follow it, or with the end of the turn", ({ expect }) => {
  const answers = (...lines: readonly Line[]) =>
    read(...lines).flatMap((event) => (event.kind === "answer" ? [[event.text, event.toolCalls]] : []));
  expect(answers(said("First"), ran("make", 0), ran("make", 1), said("Last"), ended())).toEqual([
    ["First", 0],
    ["Last", 2],
  ]);
  expect(answers(said("First"), ran("make", 0), ended())).toEqual([
    ["First", 0],
    ["", 1],
  ]);
  expect(answers(ran("make", 0), failed("boom"))).toEqual([["", 1]]);
  expect(answers(ended())).toEqual([["", 0]]);
});

test("every kind of call begins and ends under one name and one id", ({ expect }) => {
  const changes = [{ path: "/tmp/app/a.js", kind: "update" }];
  const calls = [
    { type: "command_execution", command: "/bin/bash -c 'npm test'", status: "completed" },
    { type: "file_change", changes, status: "completed" },
    { type: "mcp_tool_call", server: "docs", tool: "find", arguments: { q: 1 }, status: "failed" },
    { type: "collab_tool_call", tool: "spawn_agent", prompt: "look", status: "completed" },
    { type: "web_search", query: "holt", action: { type: "search" } },
  ];
  const events = calls.flatMap((call, index) => {
    const item = { id: `item_${index}`, ...call };
    const running = { ...item, ...("status" in call && { status: "in_progress" }) };
    return read({ type: "item.started", item: running }, { type: "item.completed", item });
  });
  expect(events.map((event) => Object.values(event).join(" "))).toEqual([
    "tool-start bash item_0 npm test",
    "tool-end bash item_0 true",
    "tool-start apply_patch item_1 update /tmp/app/a.js",
    "tool-end apply_patch item_1 true",
    'tool-start mcp__docs__find item_2 {"q":1}',
    "tool-end mcp__docs__find item_2 false",
    "tool-start spawn_agent item_3 look",
    "tool-end spawn_agent item_3 true",
    "tool-start web_search item_4 holt",
    "tool-end web_search item_4 true",
  ]);
});

test("a call that is told only when it is over has begun all the same, and no call begins twice", ({
  expect,
}) => {
  const kinds = (...lines: readonly Line[]) => read(...lines).map(({ kind }) => kind);
  const change = completed({ type: "file_change", changes: [], status: "failed" });
  expect(kinds(change)).toEqual(["tool-start", "tool-end"]);
  const item = { id: "item_2", type: "command_execution", command: "ls", status: "in_progress" };
  const twice = kinds({ type: "item.started", item }, { type: "item.updated", item }, completed(item));
  expect(twice).toEqual(["tool-start", "tool-end"]);
});

test("an error that Codex overcame is forgotten, one that ended the turn is not", ({ expect }) => {
  const reconnecting = error("Reconnecting... 1/5 (stream disconnected before completion)");
  const modelError = (...lines: readonly Line[]) => toTranscript(read(...lines)).modelError;
  expect(modelError(reconnecting, said("Done"), ended())).toBeNull();
  expect(modelError(reconnecting, ran("ls", 0), ended())).toBeNull();
  expect(modelError(said("Done"), reconnecting, ended())).toBeNull();
  expect(modelError(said("Half"), reconnecting)).toContain("Reconnecting");
  expect(modelError(said("Half"), ran("ls", 0), failed("boom"))).toBe("boom");
  expect(read(error("boom"), failed("boom"))).toEqual([{ kind: "model-error", text: "boom" }]);
  expect(read(failed("boom")).some(({ kind }) => kind === "settled")).toBe(false);
});

test("a provider's whole answer is told by its words", ({ expect }) => {
  const body = JSON.stringify({ error: { message: "no such model", type: "invalid_request_error" } });
  expect(read(failed(body))).toEqual([{ kind: "model-error", text: "no such model" }]);
  expect(read(failed("{not json"))).toEqual([{ kind: "model-error", text: "{not json" }]);
});

test("an answer that hit the output ceiling is told as cut off", ({ expect }) => {
  const cut = "Incomplete response returned, reason: max_output_tokens";
  const events = read(said("Cut off he"), error(cut), failed(cut));
  expect(events).toEqual([
    { kind: "answer", text: "Cut off he", toolCalls: 0, isTruncated: true },
    { kind: "model-error", text: cut },
  ]);
});

test("lines of other kinds and of other shapes are read over, other lines are not events", ({ expect }) => {
  expect(
    read(
      { type: "thread.started", thread_id: "1" },
      { type: "turn.started" },
      { type: "something.new", item: {} },
      completed({ type: "something_new" }),
      { type: "item.completed", item: 7 },
      { type: "item.completed" },
      completed({ type: "todo_list", items: "none" }),
    ),
  ).toEqual([]);
  expect(read({ type: "error" }, { type: "turn.failed", error: null })).toEqual([
    { kind: "model-error", text: "the model failed without a reason" },
  ]);
  expect(createCodexParser().read("Reading prompt from stdin...")).toBeNull();
  expect(createCodexParser().read('{"type":"turn.completed",')).toBeNull();
});

test("what Codex had done and said when it was ended counts, and an error it ended with stands", ({
  expect,
}) => {
  const calls = [ran("make", 1), ran("make", 0)];
  expect(toTranscript(readToEnd(...calls))).toMatchObject({ toolCalls: 2, isSettled: false });
  expect(toTranscript(readToEnd(...calls, said("Half of it.")))).toMatchObject({
    toolCalls: 2,
    summary: "Half of it.",
  });
  const error = { type: "error", message: "no more" };
  expect(toTranscript(readToEnd(...calls, error))).toMatchObject({ toolCalls: 2, modelError: "no more" });
  const whole = [...calls, said("Done"), ended()];
  expect(readToEnd(...whole)).toEqual(read(...whole));
});

test("arguments nested some thousand deep are named, not written out", ({ expect }) => {
  const depth = 20_000;
  const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const line = `{"type":"item.started","item":{"id":"c","type":"mcp_tool_call","server":"s","tool":"t","status":"in_progress","arguments":${deep}}}`;
  expect(createCodexParser().read(line)).toStrictEqual([
    {
      kind: "tool-start",
      tool: "mcp__s__t",
      callId: "c",
      args: "(arguments nested too deep to show)",
    },
  ]);
});
