/** Replies in the words of the OpenAI chat-completions API: one body, or the chunks of a stream. */
import type { Conversation } from "./conversation.ts";
import type { Reply } from "./script.ts";

export type CompletionReply = Extract<Reply, { kind: "text" | "tool" }>;

type Delta = Readonly<Record<string, unknown>>;

const charactersPerToken = 4;

export function toCompletion(id: string, conversation: Conversation, reply: CompletionReply): object {
  const finish = reply.kind === "text" ? "stop" : "tool_calls";
  const message =
    reply.kind === "text"
      ? { role: "assistant", content: reply.text }
      : { role: "assistant", content: null, tool_calls: [toToolCall(id, reply)] };
  return {
    ...head(id, conversation, "chat.completion"),
    choices: [{ index: 0, message, finish_reason: finish }],
    usage: toUsage(conversation, reply),
  };
}

/** The whole stream of a reply, last the usage; `data: [DONE]` is the transport's to send. */
export function toChunks(id: string, conversation: Conversation, reply: CompletionReply): readonly object[] {
  const deltas: readonly Delta[] =
    reply.kind === "text"
      ? piecesOf(reply.text).map((content) => ({ content }))
      : [{ tool_calls: [{ index: 0, ...toToolCall(id, reply) }] }];
  return [
    toChunk(id, conversation, { role: "assistant", content: reply.kind === "text" ? "" : null }),
    ...deltas.map((delta) => toChunk(id, conversation, delta)),
    toLastChunk(id, conversation, reply.kind === "text" ? "stop" : "tool_calls"),
    { ...head(id, conversation, "chat.completion.chunk"), choices: [], usage: toUsage(conversation, reply) },
  ];
}

export function toChunk(id: string, conversation: Conversation, delta: Delta): object {
  return {
    ...head(id, conversation, "chat.completion.chunk"),
    choices: [{ index: 0, delta, finish_reason: null }],
  };
}

export function toLastChunk(id: string, conversation: Conversation, finishReason: string): object {
  return {
    ...head(id, conversation, "chat.completion.chunk"),
    choices: [{ index: 0, delta: {}, finish_reason: finishReason }],
  };
}

function head(id: string, { model }: Conversation, object: string): object {
  // `created` is of no use to a client of a scripted model, and a constant keeps recorded streams comparable.
  return { id: `chatcmpl-${id}`, object, created: 0, model, system_fingerprint: "scripted" };
}

function toToolCall(id: string, reply: Extract<Reply, { kind: "tool" }>): object {
  const call = { name: reply.name, arguments: JSON.stringify(reply.args) };
  return { id: `call_${id}`, type: "function", function: call };
}

function toUsage({ characters }: Conversation, reply: CompletionReply): object {
  const said = reply.kind === "text" ? reply.text : JSON.stringify(reply.args);
  const promptTokens = Math.ceil(characters / charactersPerToken);
  const completionTokens = Math.ceil(said.length / charactersPerToken);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** Words with the space that follows them, as models stream them. */
function piecesOf(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}
