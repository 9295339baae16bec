/** A scripted model behind OpenAI's Responses API: what Codex speaks. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer as readBuffer } from "node:stream/consumers";
import { zstdDecompressSync } from "node:zlib";
import { type ResponsesTurn, parseTurn } from "./codex-responses-request.ts";
import { type ToolCall, toToolCall } from "./codex-tools.ts";
import type { Move, ScriptedModel, ScriptedModelOptions, Step } from "./scenario.ts";
import { usageOf } from "./scenario.ts";
import { startScriptedServer } from "./scripted-server.ts";

type Answer = Exclude<Move, { kind: "refuse" }>;
type Call = ToolCall & { readonly id: string; readonly call_id: string };
type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

export async function startResponsesServer(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const steps = new Map<string, Step>();
  let answered = 0;
  const server = await startScriptedServer(options.log, answer);
  const { recording } = server;
  return { baseUrl: `${server.url}/v1`, requests: recording.all, close: server.close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await readBody(request);
    const path = new URL(url, server.url).pathname;
    recording.add({ method, path, body });
    options.log(`${method} ${path} ${body.length}`);
    if (request.headers.authorization !== `Bearer ${options.token}`) {
      return sendError(response, 401, "invalid_api_key", "[scripted] Incorrect API key provided");
    }
    if (method !== "POST" || path !== "/v1/responses") {
      return sendError(response, 404, "not_found", `[scripted] no route ${method} ${path}`);
    }
    const turn = parseTurn(body, steps);
    if (typeof turn === "string") return sendError(response, 400, "invalid_request_error", turn);
    const move = options.script(turn);
    if (move.kind === "refuse") return sendError(response, move.status, move.type, move.message);
    answered += 1;
    const calls = move.kind === "act" ? move.steps.map((step, index) => call(step, index, turn)) : [];
    response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": `req_${answered}` });
    for (const event of toEvents(`resp_scripted_${answered}`, turn, move, calls)) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }

  function call(step: Step, index: number, turn: ResponsesTurn): Call {
    const id = `call_scripted_${answered}_${index}`;
    steps.set(id, step);
    return { id: `item_${id}`, call_id: id, ...toToolCall(step, turn.done, turn.isCodeMode) };
  }
}

/** Codex may compress what it sends. */
async function readBody(request: IncomingMessage): Promise<string> {
  const bytes = await readBuffer(request);
  const isZstd = request.headers["content-encoding"] === "zstd";
  return (isZstd ? zstdDecompressSync(bytes) : bytes).toString("utf8");
}

/** The stream in which the API sends a response: its head, each item as it is said, its end. */
function toEvents(id: string, turn: ResponsesTurn, move: Answer, calls: readonly Call[]): readonly Event[] {
  const text = move.kind === "act" ? (move.text ?? "") : move.text;
  const isCut = move.kind === "say-truncated";
  const status = isCut ? "incomplete" : "completed";
  const response = { id, object: "response", model: turn.model, status: "in_progress", output: [] };
  const ended = {
    ...response,
    status,
    ...(isCut && { incomplete_details: { reason: "max_output_tokens" } }),
    usage: toUsage(turn),
  };
  return [
    { type: "response.created", response },
    ...(calls.length === 0 ? [] : [toThought(`rs_${id}`)]),
    ...(text === "" ? [] : toMessageEvents(`msg_${id}`, text, status)),
    ...calls.map((item) => ({ type: "response.output_item.done", item: { ...item, status: "completed" } })),
    { type: `response.${status}`, response: ended },
  ];
}

/** What a model thinks before it acts is said apart from what it says. */
function toThought(id: string): Event {
  const summary = [{ type: "summary_text", text: "[scripted] **Thinking**" }];
  const item = { id, type: "reasoning", summary, encrypted_content: "c2NyaXB0ZWQ=" };
  return { type: "response.output_item.done", item };
}

function toMessageEvents(id: string, text: string, status: string): readonly Event[] {
  const message = { id, type: "message", role: "assistant", status };
  const content = [{ type: "output_text", text, annotations: [] }];
  return [
    { type: "response.output_item.added", item: { ...message, content: [] } },
    { type: "response.output_text.delta", item_id: id, delta: text },
    { type: "response.output_item.done", item: { ...message, content } },
  ];
}

/** On this wire the tokens of the input are counted whole, and what the cache did with them is a part of that. */
function toUsage(turn: ResponsesTurn): object {
  const { freshTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usageOf(turn);
  const inputTokens = freshTokens + cacheReadTokens + cacheWriteTokens;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message, type, param: null, code: type } }));
}
