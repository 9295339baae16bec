import { test } from "vitest";
import { type Answered, createClient, type Sent } from "../../shared/client.ts";
import { insist } from "../../shared/client/insist.ts";

type Script = {
  readonly status?: number;
  readonly body?: unknown;
  readonly etag?: string;
  readonly retryAfter?: string;
};

function open(script: Script | Error, token: string | null = "t") {
  const asked: (Sent & { readonly url: string })[] = [];
  const send = (url: string, sent: Sent): Promise<Answered> => {
    asked.push({ url, ...sent });
    if (script instanceof Error) return Promise.reject(script);
    const { status = 200, body, etag, retryAfter } = script;
    return Promise.resolve({
      status,
      ok: status >= 200 && status < 300,
      headers: { get: (name) => ({ etag, "x-request-id": "r-1", "retry-after": retryAfter })[name] ?? null },
      text: () => Promise.resolve(typeof body === "string" ? body : JSON.stringify(body)),
    });
  };
  return { client: createClient({ url: "https://holt.example/base/", token, send }), asked };
}

const extended = { jobId: "a/b c", deadline: "inactivity", at: 9 };

test("a call fills in the path, the query, the body and the token, and its answer is parsed", async ({
  expect,
}) => {
  const { client, asked } = open({ body: extended, etag: '"7"' });
  const reply = await client.call("extend", {
    path: { executionId: "exec_1", jobId: "a/b c" },
    body: { deadline: "inactivity", until: 9 },
  });
  expect(reply).toEqual({ kind: "answer", value: extended, etag: '"7"' });
  expect(asked).toEqual([
    {
      url: "https://holt.example/base/v1/executions/exec_1/jobs/a%2Fb%20c/extend",
      method: "POST",
      headers: {
        accept: "application/json",
        authorization: "Bearer t",
        "content-type": "application/json",
      },
      body: '{"deadline":"inactivity","until":9}',
    },
  ]);
});

test("a poll carries the tag and the wait; what it does not name is not asked for", async ({ expect }) => {
  const { client, asked } = open({ status: 304 });
  const query = { after: 5, wait: 20, limit: undefined };
  expect(await client.poll("events", { path: { executionId: "e" }, query }, '"5.1"')).toEqual({
    kind: "unchanged",
  });
  expect(asked[0]?.url).toBe("https://holt.example/base/v1/executions/e/events?after=5&wait=20");
  expect(asked[0]?.headers).toMatchObject({ "if-none-match": '"5.1"' });
  expect(asked[0]).not.toHaveProperty("body");
});

test("a refusal of the Worker comes with its code, status, request and whether it may be repeated", async ({
  expect,
}) => {
  const refusal = { code: "job-not-found", error: "no such job", requestId: "r-9", details: { a: 1 } };
  const { client } = open({ status: 404, body: refusal });
  const reply = await client.call("job", { path: { executionId: "e", jobId: "j" } });
  expect(reply).toEqual({
    kind: "failed",
    failure: { ...refusal, status: 404, retryable: false },
  });
});

test.for<[name: string, script: Script, retryable: boolean]>([
  ["a page of something in front", { status: 502, body: "<html>bad gateway</html>" }, true],
  ["a success that is not what the endpoint answers", { body: { some: "thing" } }, false],
  ["a refusal with a code of a later version", { status: 418, body: { code: "new", error: "x" } }, false],
  ["an unasked 304", { status: 304, body: "" }, false],
])("an unexpected answer: %s", async ([, script, retryable], { expect }) => {
  const reply = await open(script).client.call("job", { path: { executionId: "e", jobId: "j" } });
  expect(reply).toMatchObject({
    kind: "failed",
    failure: { code: "unexpected-answer", status: script.status ?? 200, requestId: "r-1", retryable },
  });
});

test("a connection that fails is a value too, with its cause", async ({ expect }) => {
  const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const { client } = open(new TypeError("fetch failed", { cause }));
  expect(await client.call("health", { path: {} })).toEqual({
    kind: "failed",
    failure: {
      code: "unreachable",
      error: "cannot reach https://holt.example/base/: ECONNREFUSED",
      status: null,
      requestId: null,
      retryable: true,
    },
  });
});

test.for(["", "..", ".", "a/b", "e?x"])(
  "the execution '%s' is refused, and nothing is sent",
  async (executionId, { expect }) => {
    const { client, asked } = open({ body: {} });
    const reply = await client.call("execution", { path: { executionId } });
    expect(reply).toMatchObject({ kind: "failed", failure: { code: "invalid-id", retryable: false } });
    expect(asked).toEqual([]);
  },
);

test("the types follow the table: a missing parameter, a foreign one and a body of another endpoint are errors", ({
  expect,
}) => {
  const { client } = open({ body: {} });
  const mistakes = () => [
    // @ts-expect-error -- the path has two parameters
    client.call("job", { path: { executionId: "e" } }),
    // @ts-expect-error -- an execution is not read after a cursor
    client.call("execution", { path: { executionId: "e" }, query: { after: 1 } }),
    // @ts-expect-error -- until is a time
    client.call("extend", { path: { executionId: "e", jobId: "j" }, body: { deadline: "step", until: "x" } }),
    // @ts-expect-error -- a bundle is no JSON
    client.call("bundle", { path: { executionId: "e" } }),
    // @ts-expect-error -- an end is not waited for with a tag
    client.poll("cancel", { path: { executionId: "e", jobId: "j" } }, null),
  ];
  expect(mistakes).toBeTypeOf("function");
});

test("what may be repeated is, as often as there are delays, and nothing else is", async ({ expect }) => {
  const slept: number[] = [];
  const patience = {
    delaysMs: [1, 2],
    sleep: (ms: number) => {
      slept.push(ms);
      return Promise.resolve();
    },
  };
  const busy = open({ status: 429, body: { code: "rate-limited", error: "x", requestId: "r" } });
  const read = { path: { executionId: "e" } };
  const reply = await insist(() => busy.client.call("execution", read), patience);
  expect(reply).toMatchObject({ kind: "failed", failure: { code: "rate-limited" } });
  expect({ slept, asked: busy.asked.length }).toEqual({ slept: [1, 2], asked: 3 });

  const refused = open({ status: 401, body: { code: "unauthorized", error: "x", requestId: "r" } });
  await insist(() => refused.client.call("execution", read), patience);
  expect({ slept, asked: refused.asked.length }).toEqual({ slept: [1, 2], asked: 1 });
});

test("before a repetition it is waited for as long as the refusal asks", async ({ expect }) => {
  const slept: number[] = [];
  const sleep = (ms: number) => {
    slept.push(ms);
    return Promise.resolve();
  };
  const body = { code: "rate-limited", error: "x", requestId: "r" };
  const busy = open({ status: 429, body, retryAfter: "7" });
  await insist(() => busy.client.call("execution", { path: { executionId: "e" } }), {
    delaysMs: [1, 9_000],
    sleep,
  });
  expect(slept).toEqual([7_000, 9_000]);
});

test("a refusal that asks for a longer wait than there is patience for is what comes of it", async ({
  expect,
}) => {
  const body = { code: "rate-limited", error: "x", requestId: "r" };
  const sleep = () => Promise.reject(new Error("waited"));
  for (const [retryAfter, maxWaitMs] of [
    ["61", undefined],
    ["7", 6_999],
  ] as const) {
    const busy = open({ status: 429, body, retryAfter });
    const patience = { delaysMs: [1], sleep, ...(maxWaitMs !== undefined && { maxWaitMs }) };
    const reply = await insist(() => busy.client.call("execution", { path: { executionId: "e" } }), patience);
    expect({ kind: reply.kind, asked: busy.asked.length }).toEqual({ kind: "failed", asked: 1 });
  }
});

test("without a token no credential is sent", async ({ expect }) => {
  const { client, asked } = open({ body: extended }, null);
  await client.call("extend", {
    path: { executionId: "exec_1", jobId: "j" },
    body: { deadline: "inactivity", until: 9 },
  });
  expect(Object.keys(asked[0]?.headers ?? {})).toEqual(["accept", "content-type"]);
});

test("a refusal says how long to wait where it asks for that in seconds", async ({ expect }) => {
  const body = { error: "too many requests", code: "rate-limited", requestId: "r-1" };
  const waits = await Promise.all(
    ["30", "Sat, 01 Jan 2099 00:00:00 GMT", undefined].map(async (retryAfter) => {
      const { client } = open({ status: 429, body, ...(retryAfter !== undefined && { retryAfter }) });
      const reply = await client.call("board", { path: { board: "main" } });
      return reply.kind === "failed" ? reply.retryAfterMs : reply;
    }),
  );
  expect(waits).toEqual([30_000, undefined, undefined]);
});
