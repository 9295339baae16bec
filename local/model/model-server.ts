/** A scripted OpenAI-compatible model: no network, no weights, every step decided by a script from the conversation so far. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { createRecording, listenOnLoopback } from "../http-server.ts";
import type { CompletionReply } from "./completion.ts";
import { toChunk, toChunks, toCompletion, toLastChunk } from "./completion.ts";
import type { Conversation } from "./conversation.ts";
import { parseConversation } from "./conversation.ts";
import { startEventStream } from "./event-stream.ts";
import type { Reply, Script } from "./script.ts";

export interface ModelServerOptions {
  readonly script: Script;
  /** The bearer that callers must bring. */
  readonly token: string;
  readonly log: (line: string) => void;
  /** Default: a free one. */
  readonly port?: number;
}

export interface ModelRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Absent where the body was not a chat request, or not looked at. */
  readonly conversation: Conversation | undefined;
}

export interface ModelServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  requests(): readonly ModelRequest[];
  /** Also finds requests of the past; a request counts from when its body is read, before it is answered. */
  waitForRequest(predicate: (request: ModelRequest) => boolean): Promise<ModelRequest>;
  close(): Promise<void>;
}

/** The id under which `GET /v1/models` lists the script; requests may name any other. */
export const scriptedModelId = "scripted";

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const recording = createRecording<ModelRequest>();
  let answered = 0;
  const server = await listenOnLoopback((request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.log(`scripted model: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else sendError(response, 500, String(error));
    });
  }, options.port);
  return {
    url: `${server.url}/v1`,
    requests: recording.all,
    waitForRequest: recording.waitFor,
    close: server.close,
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const path = request.url ?? "";
    const { authorization } = request.headers;
    const body = await readText(request);
    const parsed = path === "/v1/chat/completions" ? parseConversation(body) : undefined;
    const conversation = typeof parsed === "object" ? parsed : undefined;
    recording.add({ method, path, authorization, conversation });
    if (authorization !== `Bearer ${options.token}`) {
      sendError(response, 401, "the bearer token is not the one this model was started with");
    } else if (method === "GET" && path === "/v1/models") {
      sendJson(response, 200, {
        object: "list",
        data: [{ id: scriptedModelId, object: "model", owned_by: "scripted" }],
      });
    } else if (method !== "POST" || parsed === undefined) {
      sendError(response, 404, `no route ${method} ${path}`);
    } else if (typeof parsed === "string") {
      sendError(response, 400, parsed);
    } else {
      const reply = await options.script(parsed);
      options.log(`scripted model: ${describe(reply)}`);
      answered += 1;
      await deliver(response, String(answered), parsed, reply);
    }
  }
}

async function deliver(
  response: ServerResponse,
  id: string,
  conversation: Conversation,
  reply: Reply,
): Promise<void> {
  if (reply.kind === "http-error") {
    sendError(response, reply.status, reply.message);
  } else if (!conversation.stream) {
    sendJson(response, 200, toCompletion(id, conversation, await toWholeReply(reply)));
  } else {
    await stream(response, id, conversation, reply);
  }
}

async function stream(
  response: ServerResponse,
  id: string,
  conversation: Conversation,
  reply: Exclude<Reply, { kind: "http-error" }>,
): Promise<void> {
  const events = startEventStream(response);
  const sayPiece = (content: string): Promise<void> => events.send(toChunk(id, conversation, { content }));
  switch (reply.kind) {
    case "text":
    case "tool":
      for (const chunk of toChunks(id, conversation, reply)) await events.send(chunk);
      break;
    case "stall":
      await sayPiece(reply.text);
      await reply.released;
      await events.send(toLastChunk(id, conversation, "stop"));
      break;
    case "flood":
      for (let sent = 0; sent < reply.times && !response.destroyed; sent += 1) await sayPiece(reply.chunk);
      await events.send(toLastChunk(id, conversation, "stop"));
      break;
    case "cut":
      await sayPiece(reply.text);
      events.cut();
      return;
  }
  events.finish();
}

/** What a reply that plays with the stream amounts to for a client that did not ask for one. */
async function toWholeReply(reply: Exclude<Reply, { kind: "http-error" }>): Promise<CompletionReply> {
  if (reply.kind === "tool") return reply;
  if (reply.kind === "flood") return { kind: "text", text: reply.chunk.repeat(reply.times) };
  if (reply.kind === "stall") await reply.released;
  return { kind: "text", text: reply.text };
}

function describe(reply: Reply): string {
  if (reply.kind === "text") return `says: ${reply.text}`;
  if (reply.kind === "tool") return `calls ${reply.name} ${JSON.stringify(reply.args)}`;
  return `answers with a ${reply.kind}`;
}

function sendError(response: ServerResponse, status: number, message: string): void {
  const error = {
    message: `[scripted] ${message}`,
    type: "scripted_error",
    param: null,
    code: String(status),
  };
  sendJson(response, status, { error });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
