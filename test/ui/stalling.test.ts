import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { test } from "vitest";
import { unlessItStalls } from "../../worker/ui/live/stalling.ts";

/** A real server that answers as the test says, and a clock that strikes when the test says. */
async function openLine(signal?: AbortSignal) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const waits: { isOver: boolean; readonly ms: number; readonly end: () => void }[] = [];
  const asked: Promise<ServerResponse> = new Promise((resolve) => {
    server.once("request", (_request, response) => resolve(response));
  });
  const answer = unlessItStalls(
    {
      after: (ms, end) => {
        const wait = { ms, end, isOver: false };
        waits.push(wait);
        return () => void (wait.isOver = true);
      },
      request: (own) => fetch(`http://127.0.0.1:${port}/`, { signal: own }),
    },
    10_000,
    signal,
  );
  answer.catch(() => undefined);
  const waiting = () => waits.filter(({ isOver }) => !isOver);
  return {
    asked,
    answer,
    waits,
    waiting,
    strike: () => waiting().forEach(({ end }) => end()),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("an answer that does not begin is given up", async ({ expect }) => {
  await using line = await openLine();
  await line.asked;
  expect(line.waiting().map(({ ms }) => ms)).toEqual([10_000]);
  line.strike();
  await expect(line.answer).rejects.toThrow("nothing was heard for 10 s");
});

test("an answer that ends within its body is given up", async ({ expect }) => {
  await using line = await openLine();
  (await line.asked).write("half of");
  const text = (await line.answer).text();
  line.strike();
  await expect(text).rejects.toThrow("nothing was heard for 10 s");
});

test("an answer of many parts has time for each of them, and none runs after its end", async ({ expect }) => {
  await using line = await openLine();
  const response = await line.asked;
  response.writeHead(201, { etag: '"e"' });
  response.write("one, ");
  const answered = await line.answer;
  const reader = answered.body?.getReader();
  const first = await reader?.read();
  const before = line.waits.length;
  response.write("two");
  const second = await reader?.read();
  expect([first, second].map((each) => new TextDecoder().decode(each?.value))).toEqual(["one, ", "two"]);
  expect(line.waits.length).toBeGreaterThan(before);
  expect(line.waiting().length).toBe(1);
  response.end();
  expect((await reader?.read())?.done).toBe(true);
  expect(line.waiting()).toEqual([]);
  expect([answered.status, answered.headers.get("etag")]).toEqual([201, '"e"']);
});

test("an answer without a body leaves nothing waiting", async ({ expect }) => {
  await using line = await openLine();
  (await line.asked).writeHead(304).end();
  expect((await line.answer).status).toBe(304);
  expect(line.waiting()).toEqual([]);
});

test("an answer that has no body is given on where the browser gives it one", async ({ expect }) => {
  const unchanged = Object.defineProperty(new Response(null, { status: 304 }), "body", {
    value: new ReadableStream(),
  });
  let waiting = 0;
  const ports = { after: () => ((waiting += 1), () => void (waiting -= 1)), request: async () => unchanged };
  expect(await unlessItStalls(ports, 10)).toBe(unchanged);
  expect(waiting).toBe(0);
});

test("whoever asked can give it up, before and after it began", async ({ expect }) => {
  const before = new AbortController();
  before.abort();
  const fetched: string[] = [];
  const ports = {
    after: () => () => undefined,
    request: async () => (fetched.push("fetched"), new Response()),
  };
  await expect(unlessItStalls(ports, 10, before.signal)).rejects.toThrow("abort");
  expect(fetched).toEqual([]);
  const during = new AbortController();
  await using line = await openLine(during.signal);
  (await line.asked).write("half of");
  const text = (await line.answer).text();
  during.abort();
  await expect(text).rejects.toThrow("abort");
});
