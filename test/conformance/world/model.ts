/** The model endpoint of the kit's jobs: answers the one call that asks it to put a reply right. */

import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { listenOnLoopback } from "../../../local/http-server.ts";

export type ModelServer = {
  readonly url: string;
  /** What the model of this name says from here on; null: it never answers. */
  readonly answer: (model: string, text: string | null) => void;
  /** How often the model of this name was asked. */
  readonly asked: (model: string) => number;
  readonly close: () => Promise<void>;
};

const Asked = z.looseObject({ model: z.string() });

export async function startModel(): Promise<ModelServer> {
  const answers = new Map<string, string | null>();
  const counts = new Map<string, number>();
  const server = await listenOnLoopback((request, response) => {
    void (async () => {
      const model = Asked.safeParse(await readJson(request)).data?.model ?? "";
      counts.set(model, (counts.get(model) ?? 0) + 1);
      const text = answers.get(model);
      if (text === null) return;
      if (text === undefined || request.url !== "/v1/chat/completions") return refuse(response);
      const message = { role: "assistant", content: text };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] }));
    })();
  });
  return {
    url: server.url,
    answer: (model, text) => void answers.set(model, text),
    asked: (model) => counts.get(model) ?? 0,
    close: server.close,
  };
}

function refuse(response: ServerResponse): void {
  response.statusCode = 404;
  response.end(JSON.stringify({ error: { message: "nothing was ordered for this model" } }));
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
