/** Records of the three agents' event streams, in the form of the recorded ones in test/container/fixtures. */

type PiOptions = {
  readonly stopReason?: string;
  readonly errorMessage?: string;
  /** What each call of the answer is to. */
  readonly calls?: readonly string[];
};

export const piSession = {
  type: "session",
  version: 3,
  id: "00000000-0000-4000-8000-000000000001",
  timestamp: "2026-01-01T00:00:00.000Z",
  cwd: "/job/checkout",
} as const;

/** One assistant message of Pi's. */
export function piMessage(text: string, options: PiOptions = {}): object {
  const { stopReason = "stop", errorMessage, calls = [] } = options;
  return {
    role: "assistant",
    content: [
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...calls.map((name, index) => ({ type: "toolCall", id: `call_${index}`, name, arguments: {} })),
    ],
    api: "openai-completions",
    provider: "proxy",
    model: "scripted",
    usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 15 },
    stopReason,
    ...(errorMessage !== undefined && { errorMessage }),
    timestamp: 1_767_225_600_000,
  };
}

/** The end of a run whose assistant said `messages`, with the messages themselves before it. */
export function piEnd(...messages: readonly object[]): readonly object[] {
  return [
    ...messages.map((message) => ({ type: "message_end", message })),
    { type: "agent_end", messages, willRetry: false },
    { type: "agent_settled" },
  ];
}

/** A whole run of Pi that says one thing. */
export function piSays(text: string): readonly object[] {
  return [piSession, ...piEnd(piMessage(text))];
}

/** One call of a tool, begun and ended. */
export function piCall(
  tool: string,
  { callId = "call_0", isError = false, details = {} }: PiCallOptions = {},
): readonly object[] {
  return [
    { type: "tool_execution_start", toolCallId: callId, toolName: tool, args: {} },
    {
      type: "tool_execution_end",
      toolCallId: callId,
      toolName: tool,
      result: { content: [{ type: "text", text: "" }], details },
      isError,
    },
  ];
}

type PiCallOptions = { readonly callId?: string; readonly isError?: boolean; readonly details?: object };

export function claudeSays(text: string, { isError = false }: { readonly isError?: boolean } = {}) {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 3,
    output_tokens: 7,
  };
  return [
    {
      type: "system",
      subtype: "init",
      cwd: "/job/checkout",
      session_id: "00000000-0000-4000-8000-000000000002",
    },
    {
      type: "assistant",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "scripted",
        content: [{ type: "text", text }],
        stop_reason: "end_turn",
        usage,
      },
      parent_tool_use_id: null,
    },
    {
      type: "result",
      subtype: "success",
      is_error: isError,
      result: text,
      usage,
      session_id: "00000000-0000-4000-8000-000000000002",
    },
  ];
}

export function codexSays(text: string, usage: object): readonly object[] {
  const call = { id: "item_1", type: "command_execution", command: "/bin/sh -c 'make test'" };
  return [
    { type: "thread.started", thread_id: "00000000-0000-4000-8000-000000000001" },
    { type: "turn.started" },
    {
      type: "item.started",
      item: { ...call, aggregated_output: "", exit_code: null, status: "in_progress" },
    },
    { type: "item.completed", item: { ...call, aggregated_output: "", exit_code: 0, status: "completed" } },
    { type: "item.completed", item: { id: "item_2", type: "agent_message", text } },
    { type: "turn.completed", usage },
  ];
}
