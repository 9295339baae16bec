import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { createRecording, listenOnLoopback } from "../../../local/http-server.ts";

export type Asked = {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came: the order of keys is part of it. */
  readonly body: string;
};

/** `never` takes the request and says nothing. */
export type Reply =
  | "never"
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    };

export type ModelEndpoint = {
  readonly url: string;
  readonly asked: () => readonly Asked[];
  readonly waitFor: (predicate: (asked: Asked) => boolean) => Promise<Asked>;
};

/** A server that gives these replies in their order, the last one for ever. */
export async function startModelEndpoint(...replies: readonly Reply[]): Promise<ModelEndpoint> {
  const recording = createRecording<Asked>();
  const server = await listenOnLoopback((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await text(request);
      const reply = replies[Math.min(recording.all().length, replies.length - 1)];
      recording.add({ url: request.url ?? "", headers: request.headers, body });
      if (reply === undefined || reply === "never") return;
      response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
    };
    void answer();
  });
  onTestFinished(() => server.close());
  return { url: server.url, asked: recording.all, waitFor: recording.waitFor };
}

/** An answer of an OpenAI-compatible endpoint. */
export function completion(content: string): Reply {
  const usage = { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 60 } };
  return { body: JSON.stringify({ choices: [{ message: { role: "assistant", content } }], usage }) };
}

/** An answer of Anthropic's Messages endpoint. */
export function message(...texts: readonly string[]): Reply {
  const content = [{ type: "thinking", thinking: "{}" }, ...texts.map((text) => ({ type: "text", text }))];
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 5,
    cache_creation_input_tokens: 3,
    output_tokens: 7,
  };
  return { body: JSON.stringify({ type: "message", content, usage }) };
}
