/** Pi's JSON event stream, as documented with 0.87 and recorded from it; fields that are not read may change freely. */

import { summarizeArguments } from "../tool-arguments.ts";
import { parseObject } from "../parse-object.ts";
import * as z from "zod";
import type { AgentEvent } from "../agent.ts";
import { progressIn } from "../todo.ts";

const Count = z.number().min(0).catch(0);

const Word = z.string().optional().catch(undefined);

/** What is unlike the documented shape is left out by itself: a message that says that the model failed is never lost. */
const AssistantMessage = z.looseObject({
  role: z.literal("assistant"),
  content: z.union([z.string(), z.array(z.looseObject({ type: Word, text: Word }).catch({}))]).catch(""),
  model: Word,
  usage: z
    .looseObject({ input: Count, output: Count, cacheRead: Count, cacheWrite: Count })
    .optional()
    .catch(undefined),
  stopReason: Word,
  errorMessage: Word,
});
type AssistantMessage = z.infer<typeof AssistantMessage>;

const PiEvent = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("tool_execution_start"),
    toolCallId: z.string(),
    toolName: z.string(),
    args: z.unknown(),
  }),
  z.looseObject({
    type: z.literal("tool_execution_end"),
    toolCallId: z.string(),
    toolName: z.string(),
    isError: z.boolean().catch(false),
    result: z.looseObject({ details: z.unknown() }).optional().catch(undefined),
  }),
  z.looseObject({ type: z.literal("message_end"), message: z.unknown() }),
  z.looseObject({
    type: z.literal("auto_retry_end"),
    success: z.boolean(),
    finalError: Word,
  }),
  z.looseObject({ type: z.literal("agent_settled") }),
]);
type PiEvent = z.infer<typeof PiEvent>;

/** Every record begins with its type, so records that are not read need not be parsed: some repeat whole conversations. */
const typePrefix = /^\{"type":"([a-z_]+)"/;
const readTypes: ReadonlySet<string> = new Set(PiEvent.options.map(({ shape }) => shape.type.value));

/** How a run ends that goes on with no retry; the record repeats the whole run before that. */
const lastEnd = '"willRetry":false}';

/** Whether a record that begins so is one of those that are read. */
export function isPiEventRead(head: string): boolean {
  const type = typePrefix.exec(head)?.[1];
  return type === undefined || type === "agent_end" || readTypes.has(type);
}

export function parsePiEvent(line: string): readonly AgentEvent[] | null {
  const type = typePrefix.exec(line)?.[1];
  // versions before 0.87 have no `agent_settled`
  if (type === "agent_end" && line.trimEnd().endsWith(lastEnd)) return [{ kind: "settled" }];
  if (type !== undefined && !readTypes.has(type)) return [];
  const json = parseObject(line);
  if (json === null) return null;
  const event = PiEvent.safeParse(json);
  return event.success ? toEvents(event.data) : [];
}

function toEvents(event: PiEvent): readonly AgentEvent[] {
  const { type } = event;
  if (type === "agent_settled") return [{ kind: "settled" }];
  if (type === "tool_execution_start") {
    const { toolName: tool, toolCallId: callId } = event;
    return [{ kind: "tool-start", tool, callId, args: summarizeArguments(event.args) }];
  }
  if (type === "tool_execution_end") {
    const { toolName: tool, toolCallId: callId } = event;
    const progress = tool === "todo" && !event.isError ? progressIn(event.result?.details) : null;
    return [
      { kind: "tool-end", tool, callId, ok: !event.isError },
      ...(progress === null ? [] : [{ kind: "progress", progress } as const]),
    ];
  }
  if (type === "auto_retry_end") {
    const text = event.finalError ?? "the agent failed after exhausting its retries";
    return event.success ? [] : [{ kind: "model-error", text }];
  }
  const message = AssistantMessage.safeParse(event.message);
  return message.success ? toAnswer(message.data) : [];
}

/** Pi exits with 0 whatever its model said, so a model's failure is told by the message alone. */
function toAnswer(message: AssistantMessage): readonly AgentEvent[] {
  const usage = toUsage(message);
  if (message.stopReason === "error" || message.stopReason === "aborted") {
    const text = message.errorMessage ?? `the model's answer ended with '${message.stopReason}'`;
    return [...usage, { kind: "model-error", text }];
  }
  const parts = typeof message.content === "string" ? [] : message.content;
  const spoken = parts.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : []));
  const text = typeof message.content === "string" ? message.content : spoken.join("");
  const toolCalls = parts.filter(({ type }) => type === "toolCall").length;
  const isTruncated = message.stopReason === "length";
  return [...usage, { kind: "answer", text: text.trim(), toolCalls, isTruncated }];
}

function toUsage({ usage, model }: AssistantMessage): readonly AgentEvent[] {
  if (usage === undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite === 0) return [];
  return [
    {
      kind: "usage",
      usage: {
        ...(model !== undefined && { model }),
        inputTokens: Math.floor(usage.input),
        cacheReadTokens: Math.floor(usage.cacheRead),
        cacheWriteTokens: Math.floor(usage.cacheWrite),
        outputTokens: Math.floor(usage.output),
      },
    },
  ];
}
