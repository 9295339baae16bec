import { createServer } from "node:net";
import { describe } from "vitest";
import * as z from "zod";
import { startModelServer } from "../../../local/model/model-server.ts";
import { always, runCommand, runInTurn, say } from "../../../local/model/script.ts";
import { ask, test, token } from "./fixtures.ts";

const Chunk = z.looseObject({
  choices: z.array(
    z.looseObject({
      delta: z.looseObject({
        content: z.string().nullish(),
        tool_calls: z.array(z.looseObject({})).optional(),
      }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: z.looseObject({ total_tokens: z.number() }).optional(),
});

/** The `data:` lines of a whole stream. */
async function readEvents(response: Response): Promise<readonly string[]> {
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));
}

describe("an answer in one piece", () => {
  test("carries the text, labelled, and usage", async ({ expect, startModel }) => {
    const model = await startModel(always(say("hello")));
    const response = await ask(model);
    expect(await response.json()).toMatchObject({
      model: "some-model",
      system_fingerprint: "scripted",
      choices: [{ message: { role: "assistant", content: "[scripted] hello" }, finish_reason: "stop" }],
      usage: { completion_tokens: 4 },
    });
  });

  test("carries a tool call with its arguments as JSON text", async ({ expect, startModel }) => {
    const model = await startModel(always(runCommand("ls")));
    const response = await ask(model);
    expect(await response.json()).toMatchObject({
      choices: [
        {
          message: {
            tool_calls: [{ type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } }],
          },
          finish_reason: "tool_calls",
        },
      ],
    });
  });
});

describe("a stream", () => {
  test("brings the text word by word, then the reason, the usage and the end", async ({
    expect,
    startModel,
  }) => {
    const model = await startModel(always(say("one two")));
    const response = await ask(model, { stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = await readEvents(response);
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1).map((event) => Chunk.parse(JSON.parse(event)));
    const words = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content)).filter(Boolean);
    expect(words).toEqual(["[scripted] ", "one ", "two"]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
  });

  test("brings a tool call", async ({ expect, startModel }) => {
    const model = await startModel(always(runCommand("ls")));
    const events = await readEvents(await ask(model, { stream: true }));
    expect(events.join("\n")).toContain(String.raw`"arguments":"{\"command\":\"ls\"}"`);
    expect(events.join("\n")).toContain('"finish_reason":"tool_calls"');
  });

  test("that stalls has said its text and ends when it is released", async ({ expect, startModel }) => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const model = await startModel(always({ kind: "stall", text: "[scripted] wait", released }));
    const response = await ask(model, { stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    expect(first?.value).toContain("[scripted] wait");
    release();
    let rest = "";
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
      rest += read.value;
    expect(rest).toContain("[DONE]");
  });

  test("that is cut ends without its end", async ({ expect, startModel }) => {
    const model = await startModel(always({ kind: "cut", text: "[scripted] gone" }));
    const response = await ask(model, { stream: true });
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("floods as much as it is told, and stops when the reader leaves", async ({ expect, startModel }) => {
    const flood = { kind: "flood", chunk: "x".repeat(1000), times: 2000 } as const;
    const model = await startModel(always(flood));
    const whole = await (await ask(model, { stream: true })).text();
    expect(whole.split("xxx").length).toBeGreaterThan(2000);
    const endless = await startModel(always({ ...flood, times: Number.MAX_SAFE_INTEGER }));
    const response = await ask(endless, { stream: true });
    await response.body?.cancel();
    expect((await ask(model, { bearer: "wrong" })).status).toBe(401);
  });
});

describe("a refusal", () => {
  test("of another bearer is recorded and asks no script", async ({ expect, startModel }) => {
    const model = await startModel(() => {
      throw new Error("the script was asked");
    });
    const response = await ask(model, { bearer: "wrong" });
    expect(response.status).toBe(401);
    expect(model.requests()).toMatchObject([
      { method: "POST", path: "/v1/chat/completions", authorization: "Bearer wrong" },
    ]);
  });

  test("that a script orders has the status and the words of the script", async ({ expect, startModel }) => {
    const model = await startModel(always({ kind: "http-error", status: 402, message: "budget exhausted" }));
    const response = await ask(model, { stream: true });
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({
      error: { message: "[scripted] budget exhausted", code: "402" },
    });
  });

  test("of what is no chat request says what is missing", async ({ expect, startModel }) => {
    const model = await startModel(always(say("hello")));
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${model.url}/chat/completions`, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
    expect((await fetch(`${model.url}/embeddings`, { method: "POST", headers, body: "{}" })).status).toBe(
      404,
    );
  });
});

test("the list of models says that there is nothing but a script", async ({ expect, startModel }) => {
  const model = await startModel(always(say("hello")));
  const response = await fetch(`${model.url}/models`, { headers: { authorization: `Bearer ${token}` } });
  expect(await response.json()).toEqual({
    object: "list",
    data: [{ id: "scripted", object: "model", owned_by: "scripted" }],
  });
});

test("a request can be waited for before it comes and found after it came", async ({
  expect,
  startModel,
}) => {
  const model = await startModel(always(say("hello")));
  const isChat = ({ path }: { path: string }): boolean => path.endsWith("/chat/completions");
  const early = model.waitForRequest(isChat);
  await ask(model);
  expect((await early).conversation).toMatchObject({ model: "some-model", prompt: "Fix it." });
  expect(await model.waitForRequest(isChat)).toBe(await early);
});

test("commands are run in turn, the next one being the first without a result", async ({ expect }) => {
  const script = runInTurn(["a", "b"], "done");
  const conversationAfter = (...commands: readonly string[]) => ({
    model: "m",
    stream: false,
    system: "",
    prompt: "",
    toolResults: commands.map((command) => ({ name: "bash", args: { command }, text: "" })),
    lastToolResult: undefined,
    characters: 0,
  });
  expect(await script(conversationAfter())).toEqual(runCommand("a"));
  expect(await script(conversationAfter("a"))).toEqual(runCommand("b"));
  expect(await script(conversationAfter("b", "a"))).toEqual(say("done"));
});

test("a port that is taken is an error and no other port", async ({ expect }) => {
  const holder = createServer();
  await new Promise<void>((resolve) => {
    holder.listen(0, "127.0.0.1", resolve);
  });
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const start = startModelServer({ script: always(say("hello")), token, log: () => undefined, port });
  await expect(start).rejects.toThrow("EADDRINUSE");
  await new Promise((resolve) => {
    holder.close(resolve);
  });
});
