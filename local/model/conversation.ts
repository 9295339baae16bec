/** The part of an OpenAI chat-completions request that a script looks at. */
import * as z from "zod";

const Content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() })), z.null()])
  .optional();

const ToolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const Message = z.looseObject({
  role: z.string(),
  content: Content,
  tool_call_id: z.string().optional(),
  tool_calls: z.array(ToolCall).nullish(),
});

const ChatRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(Message).min(1),
});
type ChatRequest = z.infer<typeof ChatRequest>;

/** One finished tool call: what was asked for, and what came back as text. */
export interface ToolResult {
  readonly name: string;
  readonly args: unknown;
  readonly text: string;
}

export interface Conversation {
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  /** The first user message, trimmed. */
  readonly prompt: string;
  /** In the order of the messages. */
  readonly toolResults: readonly ToolResult[];
  /** Present when the messages end with it, so that the model is to go on from there. */
  readonly lastToolResult: ToolResult | undefined;
  /** Of the request body, for the usage numbers. */
  readonly characters: number;
}

/** Reads a request body; a text says what is wrong with it. */
export function parseConversation(body: string): Conversation | string {
  const json = parseJson(body);
  const parsed = ChatRequest.safeParse(json);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { messages, model, stream } = parsed.data;
  const toolResults = messages.flatMap((message) => toToolResult(message, messages));
  return {
    model,
    stream: stream ?? false,
    system: textOf(messages.find(({ role }) => role === "system" || role === "developer")),
    prompt: textOf(messages.find(({ role }) => role === "user")).trim(),
    toolResults,
    lastToolResult: messages.at(-1)?.role === "tool" ? toolResults.at(-1) : undefined,
    characters: body.length,
  };
}

function toToolResult(
  message: ChatRequest["messages"][number],
  messages: ChatRequest["messages"],
): ToolResult[] {
  if (message.role !== "tool") return [];
  const call = messages
    .flatMap(({ tool_calls: calls }) => calls ?? [])
    .find(({ id }) => id === message.tool_call_id);
  const args = call === undefined ? undefined : parseJson(call.function.arguments);
  return [{ name: call?.function.name ?? "unknown", args, text: textOf(message) }];
}

function textOf(message: ChatRequest["messages"][number] | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fits no schema either, and that is what the caller is told.
    return undefined;
  }
}
