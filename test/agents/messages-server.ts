/** A scripted model behind Anthropic's Messages API: what Claude Code speaks. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isAbsolute, join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { type MessagesTurn, parseTurn } from "./messages-request.ts";
import type { Move, ScriptedModel, ScriptedModelOptions, Step } from "./scenario.ts";
import { usageOf } from "./scenario.ts";
import { startScriptedServer } from "./scripted-server.ts";

type Answer = Exclude<Move, { kind: "refuse" }>;
type ToolCall = { readonly id: string; readonly name: string; readonly input: object };

export async function startMessagesServer(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const steps = new Map<string, Step>();
  let answered = 0;
  const server = await startScriptedServer(options.log, answer);
  const { recording } = server;
  return { baseUrl: server.url, requests: recording.all, close: server.close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await readText(request);
    const path = new URL(url, server.url).pathname;
    recording.add({ method, path, body });
    options.log(`${method} ${path}, ${body.length} bytes`);
    if (path === "/v1/messages/count_tokens") return sendJson(response, 200, { input_tokens: 100 });
    if (path !== "/v1/messages")
      return sendJson(response, 404, errorBody("not_found_error", "no such route"));
    if (!isAllowed(request, options.token)) {
      return sendJson(response, 401, errorBody("authentication_error", "[scripted] invalid bearer token"));
    }
    const turn = parseTurn(body, steps);
    if (typeof turn === "string") return sendJson(response, 400, errorBody("invalid_request_error", turn));
    const move = options.script(turn);
    if (move.kind === "refuse") {
      return sendJson(response, move.status, errorBody(move.type, move.message));
    }
    answered += 1;
    const calls = move.kind === "act" ? move.steps.map((step, index) => call(step, index, turn)) : [];
    send(response, turn, move, calls);
  }

  function call(step: Step, index: number, turn: MessagesTurn): ToolCall {
    const id = `toolu_scripted_${answered}_${index}`;
    steps.set(id, step);
    return { id, ...toTool(step, folderOf(turn)) };
  }

  function send(
    response: ServerResponse,
    turn: MessagesTurn,
    move: Answer,
    calls: readonly ToolCall[],
  ): void {
    const message = toMessage(`msg_scripted_${answered}`, turn, move, calls);
    if (!turn.stream) return sendJson(response, 200, message);
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "request-id": `req_scripted_${answered}`,
    });
    for (const event of toEvents(message)) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }
}

function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  return headers.authorization === `Bearer ${token}` || headers["x-api-key"] === token;
}

/** Claude Code's file tools want absolute paths; the system prompt names the working folder. */
function folderOf({ system, prompt }: MessagesTurn): string {
  return (
    /(?:Primary working directory|Working directory): (.+)/.exec(`${system}\n${prompt}`)?.[1]?.trim() ?? "/"
  );
}

function toTool(step: Step, folder: string): { readonly name: string; readonly input: object } {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  switch (step.kind) {
    case "run":
      return { name: "Bash", input: { command: step.command, description: "A step of the script" } };
    case "read":
      return { name: "Read", input: { file_path: absolute(step.path) } };
    case "edit":
      return {
        name: "Edit",
        input: { file_path: absolute(step.path), old_string: step.oldText, new_string: step.newText },
      };
    case "write":
      return { name: "Write", input: { file_path: absolute(step.path), content: step.content } };
    case "delegate":
      return {
        name: "Agent",
        input: { description: "A part of the task", prompt: step.prompt, subagent_type: "general-purpose" },
      };
    case "plan":
      return {
        name: "TodoWrite",
        input: {
          todos: step.items.map(({ label, status }) => ({ content: label, status, activeForm: label })),
        },
      };
  }
}

type Message = ReturnType<typeof toMessage>;
type StreamEvent = { readonly type: string; readonly [field: string]: unknown };

function toMessage(id: string, turn: MessagesTurn, move: Answer, calls: readonly ToolCall[]) {
  const text = move.kind === "act" ? (move.text ?? "") : move.text;
  const { freshTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usageOf(turn);
  const content = [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...calls.map((toolCall) => ({ type: "tool_use" as const, ...toolCall })),
  ];
  return {
    id,
    type: "message",
    role: "assistant",
    model: turn.model,
    content,
    stop_reason: stopReasonOf(move),
    stop_sequence: null,
    usage: {
      input_tokens: freshTokens,
      cache_creation_input_tokens: cacheWriteTokens,
      cache_read_input_tokens: cacheReadTokens,
      output_tokens: outputTokens,
    },
  };
}

function stopReasonOf(move: Answer): string {
  if (move.kind === "act") return "tool_use";
  return move.kind === "say" ? "end_turn" : "max_tokens";
}

/** The stream in which the API sends a message: its head, each block as deltas, its end. */
function toEvents(message: Message): readonly StreamEvent[] {
  const { content, stop_reason, stop_sequence, usage, ...rest } = message;
  const head = { ...rest, content: [], stop_reason: null, stop_sequence: null };
  return [
    { type: "message_start", message: { ...head, usage: { ...usage, output_tokens: 1 } } },
    ...content.flatMap((block, index) => toBlockEvents(block, index)),
    { type: "message_delta", delta: { stop_reason, stop_sequence }, usage },
    { type: "message_stop" },
  ];
}

function toBlockEvents(block: Message["content"][number], index: number): readonly StreamEvent[] {
  const [empty, delta] =
    block.type === "text"
      ? [
          { ...block, text: "" },
          { type: "text_delta", text: block.text },
        ]
      : [
          { ...block, input: {} },
          { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
        ];
  return [
    { type: "content_block_start", index, content_block: empty },
    { type: "content_block_delta", index, delta },
    { type: "content_block_stop", index },
  ];
}

function errorBody(type: string, message: string): object {
  return { type: "error", error: { type, message }, request_id: "req_scripted" };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
