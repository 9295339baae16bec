/** A scripted model behind OpenAI's chat completions: what Pi speaks here. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import * as z from "zod";
import type { Done, Move, ScriptedModel, ScriptedModelOptions, Step, Turn } from "./scenario.ts";
import { usageOf } from "./scenario.ts";
import { startScriptedServer } from "./scripted-server.ts";

type Answer = Exclude<Move, { kind: "refuse" }>;

const Content = z
  .union([z.string(), z.array(z.looseObject({ text: z.string().optional() })), z.null()])
  .optional();

const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({ role: z.string(), content: Content, tool_call_id: z.string().optional() }),
  ),
});

export async function startCompletionsServer(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const steps = new Map<string, Step>();
  let answered = 0;
  const server = await startScriptedServer(options.log, answer);
  const { recording } = server;
  return { baseUrl: `${server.url}/v1`, requests: recording.all, close: server.close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "" } = request;
    const body = await readText(request);
    recording.add({ method, path, body });
    options.log(`${method} ${path}, ${body.length} bytes`);
    if (request.headers.authorization !== `Bearer ${options.token}`) {
      return sendError(response, 401, "invalid_api_key", "[scripted] incorrect API key");
    }
    if (path !== "/v1/chat/completions")
      return sendError(response, 404, "not_found", "[scripted] no such route");
    const turn = parseTurn(body, steps);
    if (typeof turn === "string") return sendError(response, 400, "invalid_request_error", turn);
    const move = options.script(turn);
    if (move.kind === "refuse") return sendError(response, move.status, move.type, move.message);
    answered += 1;
    const calls = move.kind === "act" ? move.steps.map((step, index) => call(step, index)) : [];
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const chunk of toChunks(`chatcmpl-scripted-${answered}`, turn, move, calls)) {
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  }

  function call(step: Step, index: number): object {
    const id = `call_scripted_${answered}_${index}`;
    steps.set(id, step);
    const { name, args } = toTool(step);
    return { index, id, type: "function", function: { name, arguments: JSON.stringify(args) } };
  }
}

function parseTurn(body: string, steps: ReadonlyMap<string, Step>): Turn | string {
  const parsed = ChatRequest.safeParse(parseJson(body));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { model, messages } = parsed.data;
  const ofRole = (...roles: readonly string[]): string =>
    messages
      .filter(({ role }) => roles.includes(role))
      .map(({ content }) => textOf(content))
      .join("\n");
  const done = messages.flatMap(({ role, content, tool_call_id: id = "" }): readonly Done[] => {
    const step = role === "tool" ? steps.get(id) : undefined;
    const text = textOf(content);
    return step === undefined ? [] : [{ step, ok: !hasFailed(text), text }];
  });
  return {
    model,
    system: ofRole("system", "developer"),
    prompt: ofRole("user"),
    done,
    last: messages.at(-1)?.role === "tool" ? done.at(-1) : undefined,
    requests: messages.filter(({ role }) => role === "assistant").length + 1,
  };
}

/** Pi's tools tell a failure in words alone: of a command at its end, of a file at once. */
function hasFailed(text: string): boolean {
  return /^Command (?:exited with code|timed out|aborted)/m.test(text) || /^(?:ENOENT|Could not )/.test(text);
}

function toTool(step: Step): { readonly name: string; readonly args: object } {
  switch (step.kind) {
    case "run":
      return { name: "bash", args: { command: step.command } };
    case "read":
      return { name: "read", args: { path: step.path } };
    case "edit": {
      const { path, oldText, newText } = step;
      return { name: "edit", args: { path, edits: [{ oldText, newText }] } };
    }
    case "write":
      return { name: "write", args: { path: step.path, content: step.content } };
    case "delegate":
      throw new Error("Pi has no agents of its own");
    case "plan":
      return {
        name: "todo",
        args: { tasks: step.items.map(({ label, status }) => ({ subject: label, status })) },
      };
  }
}

function toChunks(id: string, turn: Turn, move: Answer, calls: readonly object[]): readonly object[] {
  const head = { id, object: "chat.completion.chunk", created: 0, model: turn.model };
  const chunk = (delta: object, finish: string | null = null): object => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const text = move.kind === "act" ? (move.text ?? "") : move.text;
  const { freshTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usageOf(turn);
  const promptTokens = freshTokens + cacheReadTokens + cacheWriteTokens;
  return [
    chunk({ role: "assistant", content: "" }),
    ...(text === "" ? [] : [chunk({ content: text })]),
    ...(calls.length === 0 ? [] : [chunk({ tool_calls: calls })]),
    chunk({}, finishOf(move)),
    {
      ...head,
      choices: [],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: outputTokens,
        total_tokens: promptTokens + outputTokens,
        prompt_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
      },
    },
  ];
}

function finishOf(move: Answer): string {
  if (move.kind === "act") return "tool_calls";
  return move.kind === "say" ? "stop" : "length";
}

function textOf(content: z.infer<typeof Content>): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text ?? "").join("");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // what is no JSON fits no schema either, and that is what the caller is told
    return undefined;
  }
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message, type, param: null, code: String(status) } }));
}
