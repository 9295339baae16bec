/** Model servers for tests, and requests to them as an OpenAI client writes them. */
import { test as base } from "vitest";
import type { ModelServer } from "../../../local/model/model-server.ts";
import { startModelServer } from "../../../local/model/model-server.ts";
import type { Script } from "../../../local/model/script.ts";

export const token = "model-token-of-a-test";

export type StartModel = (script: Script) => Promise<ModelServer>;

/** The fixture `startModel`: every server ends with its test. */
export async function provideStartModel(
  // oxlint-disable-next-line no-empty-pattern -- vitest takes the fixtures a fixture needs from this pattern
  {},
  { onCleanup }: { onCleanup: (cleanup: () => Promise<void>) => void },
): Promise<StartModel> {
  const servers: ModelServer[] = [];
  onCleanup(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  return async (script) => {
    const server = await startModelServer({ script, token, log: () => undefined });
    servers.push(server);
    return server;
  };
}

export const test = base.extend("startModel", provideStartModel);

export interface Call {
  readonly name: string;
  readonly args: object;
  readonly result: string;
}

/** The messages of a conversation in which these calls were made and answered. */
export function messagesOf(calls: readonly Call[]): readonly object[] {
  return [
    { role: "system", content: "You are an agent." },
    { role: "user", content: [{ type: "text", text: "Fix it." }] },
    ...calls.flatMap(({ name, args, result }, index) => {
      const id = `call_${String(index)}`;
      const call = { id, type: "function", function: { name, arguments: JSON.stringify(args) } };
      return [
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: id, content: result },
      ];
    }),
  ];
}

export interface Question {
  readonly calls?: readonly Call[];
  readonly stream?: boolean;
  readonly bearer?: string;
}

export function ask(
  model: ModelServer,
  { calls = [], stream = false, bearer = token }: Question = {},
): Promise<Response> {
  return fetch(`${model.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "some-model", stream, messages: messagesOf(calls) }),
  });
}
