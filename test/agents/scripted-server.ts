import type { IncomingMessage, ServerResponse } from "node:http";
import { type Recording, createRecording, listenOnLoopback } from "../../local/http-server.ts";
import type { ModelRequest } from "./scenario.ts";

export type ScriptedServer = {
  readonly url: string;
  readonly recording: Recording<ModelRequest>;
  readonly close: () => Promise<void>;
};

/** A server for one wire on loopback. What an answer throws is logged, and its connection cut. */
export async function startScriptedServer(
  log: (line: string) => void,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<ScriptedServer> {
  const { url, close } = await listenOnLoopback((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log(`scripted model: ${String(error)}`);
      response.destroy();
    });
  });
  return { url, close, recording: createRecording<ModelRequest>() };
}
