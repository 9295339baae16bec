import { test } from "vitest";
import { type ResolveDeps, resolveStructuredOutput } from "../../../container/structured/resolve.ts";
import { toHttpCall } from "../../../container/structured/repair-call.ts";
import { diagnosticsSuffix } from "../../../container/structured/diagnostics.ts";
import type { ExploreJob } from "../../../shared/job-body.ts";
import { realClock } from "../job-folder.ts";
import { completion, message, startModelEndpoint } from "./model-endpoint.ts";

const token = "session-token-0123456789";

type Job = Parameters<typeof resolveStructuredOutput>[0];

const structured = { kind: "structured", failOnUnusableFinal: false } as const;

const piJob = (url: string, output: Partial<ExploreJob["output"]> = {}): Job => ({
  model: "m",
  agent: { kind: "pi", proxyBaseUrl: `${url}/v1//`, sessionToken: token },
  output: { ...structured, ...output },
});

const claudeJob = (subscriptionBaseUrl?: string): Job => ({
  model: "m",
  agent: {
    kind: "claude-code",
    auth: { kind: "token", subscriptionToken: token },
    ...(subscriptionBaseUrl !== undefined && { subscriptionBaseUrl }),
  },
  output: structured,
});

type Deps = ResolveDeps & { readonly waits: number[]; readonly stop: AbortController; repairs: () => number };

function makeDeps(given: { readonly setupMs?: number; readonly fetch?: typeof fetch } = {}): Deps {
  const waits: number[] = [];
  const stop = new AbortController();
  const limits = { setupMs: given.setupMs ?? 1_200_000 };
  let repairs = 0;
  return {
    waits,
    stop,
    fetch: given.fetch ?? fetch,
    jitter: () => 0,
    clock: {
      now: realClock.now,
      sleep: (ms, signal) => {
        // the limits of a call and of the repair are no waits between two calls
        if (ms === 240_000 || ms === limits.setupMs / 2) return realClock.sleep(ms, signal);
        waits.push(ms);
        return Promise.resolve();
      },
    },
    context: { redact: (text) => text.replaceAll(token, "***"), limits, stop: stop.signal },
    onRepair: () => (repairs += 1),
    repairs: () => repairs,
  };
}

const errorOf = async (job: Job, deps: ResolveDeps): Promise<string | undefined> => {
  const { diagnostics } = await resolveStructuredOutput(job, "no object", deps);
  return diagnostics?.repairError;
};

test("a reply with its object needs no model", async ({ expect }) => {
  const endpoint = await startModelEndpoint(completion("{}"));
  const deps = makeDeps();
  const resolved = await resolveStructuredOutput(piJob(endpoint.url), 'Here: {"a":1}', deps);
  expect(resolved).toMatchObject({
    extracted: { ok: true, value: { a: 1 } },
    diagnostics: { parsedOn: "primary", primaryChars: 13, repairAttempted: false },
    usage: null,
  });
  expect(deps.repairs()).toBe(0);
  expect(endpoint.asked()).toEqual([]);
});

test("a repair through the proxy is asked for as its clients do, and its tokens are counted", async ({
  expect,
}) => {
  const endpoint = await startModelEndpoint(completion('```json\n{"a":1}\n```'));
  const deps = makeDeps();
  const job = piJob(endpoint.url, { shapeHint: 'Return {"a": 0}.' });
  const resolved = await resolveStructuredOutput(job, '{"a":1,}', deps);
  expect(resolved).toEqual({
    extracted: { ok: true, value: { a: 1 }, missing: [] },
    complaint: expect.stringContaining("has an object that is not valid JSON"),
    diagnostics: {
      parsedOn: "repair",
      primaryChars: 8,
      looksDoubled: false,
      repairAttempted: true,
      repairSucceeded: true,
    },
    usage: { model: "m", inputTokens: 40, cacheReadTokens: 60, cacheWriteTokens: 0, outputTokens: 7 },
  });
  expect(deps.repairs()).toBe(1);
  const [asked] = endpoint.asked();
  expect(asked).toMatchObject({
    url: "/v1/chat/completions",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
  const body: unknown = JSON.parse(asked?.body ?? "");
  expect(body).toEqual({
    model: "m",
    stream: false,
    max_tokens: 32_768,
    messages: [
      { role: "system", content: expect.stringContaining("Return only the corrected object") },
      {
        role: "user",
        content: expect.stringMatching(/^Return \{"a": 0\}\.[^]*not valid JSON[^]*\{"a":1,\}/),
      },
    ],
    response_format: { type: "json_object" },
  });
  expect(asked?.body).toMatch(/^\{"model":.*,"stream":.*,"max_tokens":.*,"messages":.*,"response_format":/);
});

test("only the head of a long reply is sent for repair", async ({ expect }) => {
  const endpoint = await startModelEndpoint(completion('{"a":1}'));
  await resolveStructuredOutput(piJob(endpoint.url), `${"x".repeat(40_000)}tail`, makeDeps());
  const sent = endpoint.asked()[0]?.body ?? "";
  expect(sent).toContain("xxx\\n==========");
  expect(sent).not.toContain("tail");
});

test("an endpoint that refuses the request is asked once more without the field for JSON", async ({
  expect,
}) => {
  const endpoint = await startModelEndpoint(
    { status: 400, body: "unknown field response_format" },
    completion('{"a":1}'),
  );
  const deps = makeDeps();
  const resolved = await resolveStructuredOutput(piJob(endpoint.url), "no object", deps);
  expect(resolved.extracted).toMatchObject({ ok: true });
  expect(endpoint.asked().map(({ body }) => body.includes("response_format"))).toEqual([true, false]);
  expect(deps.waits).toEqual([]);
});

test("a refusal is told with its head, and no half of a secret", async ({ expect }) => {
  // the cut to 300 characters goes through the token
  const body = `${"denied ".repeat(42)}${token} and more`;
  const endpoint = await startModelEndpoint({ status: 401, body });
  const error = await errorOf(piJob(endpoint.url), makeDeps());
  expect(error).toMatch(/^repair call failed: HTTP 401 — denied denied/);
  expect(error).toMatch(/denied \*\*\* an$/);
  expect(error).not.toContain("session");
});

test("an overloaded endpoint is asked three times, as far apart as it says", async ({ expect }) => {
  const endpoint = await startModelEndpoint(
    { status: 429, headers: { "retry-after": "2" }, body: "" },
    { status: 503, body: "" },
  );
  const deps = makeDeps();
  expect(await errorOf(piJob(endpoint.url), deps)).toBe("repair call failed: HTTP 503");
  expect(endpoint.asked()).toHaveLength(3);
  expect(deps.waits).toEqual([2_000, 1_000]);
});

test("an endpoint that cannot be reached is tried three times", async ({ expect }) => {
  let calls = 0;
  const failing: typeof fetch = (...call) => {
    calls += 1;
    return fetch(...call);
  };
  const deps = makeDeps({ fetch: failing });
  expect(await errorOf(piJob("http://127.0.0.1:9"), deps)).toMatch(/^repair call failed: ./);
  expect(calls).toBe(3);
});

test("a redirect of a model endpoint is not followed with the token", async ({ expect }) => {
  const elsewhere = await startModelEndpoint(completion('{"a":1}'));
  const endpoint = await startModelEndpoint({
    status: 307,
    headers: { location: `${elsewhere.url}/v1/chat/completions` },
    body: "",
  });
  expect(await errorOf(piJob(endpoint.url), makeDeps())).toBe("repair call failed: HTTP 307");
  const anthropic = await startModelEndpoint({
    status: 307,
    headers: { location: `${elsewhere.url}/v1/messages` },
    body: "",
  });
  expect(await errorOf(claudeJob(anthropic.url), makeDeps())).toBe(
    "subscription repair call failed: HTTP 307",
  );
  expect(elsewhere.asked()).toEqual([]);
});

test("a subscription's own endpoint is asked in Anthropic's dialect, once per round", async ({ expect }) => {
  const endpoint = await startModelEndpoint(message('{"a"', ":1}"));
  const resolved = await resolveStructuredOutput(claudeJob(`${endpoint.url}/`), "no object", makeDeps());
  expect(resolved).toMatchObject({
    extracted: { ok: true, value: { a: 1 } },
    usage: { model: "m", inputTokens: 10, cacheReadTokens: 5, cacheWriteTokens: 3, outputTokens: 7 },
  });
  const [asked] = endpoint.asked();
  expect(asked).toMatchObject({
    url: "/v1/messages",
    headers: { "x-api-key": token, "anthropic-version": "2023-06-01" },
  });
  expect(asked?.headers).not.toHaveProperty("authorization");
  expect(asked?.body).toMatch(
    /^\{"model":"m","max_tokens":32768,"system":".*","messages":\[\{"role":"user","content":"The output must be a single JSON object\./,
  );
});

test("a subscription without an endpoint of its own goes to Anthropic with a bearer", async ({ expect }) => {
  const endpoint = await startModelEndpoint(message('{"a":1}'));
  const called: string[] = [];
  const redirected: typeof fetch = (input, init) => {
    called.push(new Request(input, init).url);
    return fetch(endpoint.url, init);
  };
  await resolveStructuredOutput(claudeJob(), "no object", makeDeps({ fetch: redirected }));
  expect(called).toEqual(["https://api.anthropic.com/v1/messages"]);
  expect(endpoint.asked()[0]?.headers).toMatchObject({
    authorization: `Bearer ${token}`,
    "anthropic-beta": "oauth-2025-04-20",
    "anthropic-version": "2023-06-01",
  });
  expect(endpoint.asked()[0]?.headers).not.toHaveProperty("x-api-key");
});

test("a key of Anthropic's console is sent as a key, like the agent sends it", ({ expect }) => {
  const channel = { kind: "messages", baseUrl: null, token: "sk-ant-api03-0123456789" } as const;
  const { url, headers } = toHttpCall(channel, { model: "m", system: "s", user: "u" }, true);
  expect(url).toBe("https://api.anthropic.com/v1/messages");
  expect(headers).toMatchObject({ "x-api-key": channel.token });
  expect(headers).not.toHaveProperty("authorization");
});

test("a subscription's refusal is told as such, after one round", async ({ expect }) => {
  const endpoint = await startModelEndpoint({ status: 404, body: `no model for ${token}` });
  expect(await errorOf(claudeJob(endpoint.url), makeDeps())).toBe(
    "subscription repair call failed: HTTP 404 — no model for ***",
  );
  expect(endpoint.asked()).toHaveLength(1);
});

test("a repair that brings no object either is the last one", async ({ expect }) => {
  for (const answer of [completion("[1]"), completion(""), { body: "<html>" }, { body: '{"choices":[]}' }]) {
    const endpoint = await startModelEndpoint(answer);
    expect(await errorOf(piJob(endpoint.url), makeDeps())).toBe("repair output still did not parse");
    expect(endpoint.asked()).toHaveLength(1);
  }
});

test("an agent whose login opens no endpoint gets no repair, and says so", async ({ expect }) => {
  const codex: Job = {
    ...claudeJob(),
    agent: { kind: "codex", auth: { kind: "token", subscriptionToken: token } },
  };
  const ambient: Job = { ...claudeJob(), agent: { kind: "claude-code", auth: { kind: "ambient" } } };
  const deps = makeDeps();
  expect(await errorOf(codex, deps)).toBe("structured-output repair unavailable for the codex harness");
  expect(await errorOf(ambient, deps)).toBe(
    "structured-output repair unavailable for the claude-code harness",
  );
  expect(deps.repairs()).toBe(0);
});

test("a job that wants no repair gets none and no word about one", async ({ expect }) => {
  const endpoint = await startModelEndpoint(completion("{}"));
  const job = piJob(endpoint.url, { repair: false });
  expect(await resolveStructuredOutput(job, "no object", makeDeps())).toEqual({
    extracted: { ok: false, reason: "has no JSON object" },
    complaint: "has no JSON object",
    diagnostics: null,
    usage: null,
  });
  expect(endpoint.asked()).toEqual([]);
});

test("a doubled reply is diagnosed as one", async ({ expect }) => {
  const endpoint = await startModelEndpoint(completion("sorry"));
  const doubled = ['{"', "summary", '":"', "The", " tests", " pass", " again", '"}'];
  const text = doubled.map((token) => token + token).join("");
  const { diagnostics } = await resolveStructuredOutput(piJob(endpoint.url), text, makeDeps());
  expect(diagnostics && diagnosticsSuffix(diagnostics)).toBe(
    " [output appeared token-doubled (streaming corruption); structured repair did not help (repair output still did not parse)]",
  );
});

test("a repair under way ends when the job is stopped", async ({ expect }) => {
  const endpoint = await startModelEndpoint("never");
  const deps = makeDeps();
  const resolving = resolveStructuredOutput(piJob(endpoint.url), "no object", deps);
  await endpoint.waitFor(() => true);
  deps.stop.abort(new Error("max duration exceeded"));
  expect(await resolving).toMatchObject({ extracted: { ok: false } });
  expect(endpoint.asked()).toHaveLength(1);
});

test("a model that takes longer than half of a step is given up, and that is said", async ({ expect }) => {
  const endpoint = await startModelEndpoint("never");
  const deps = makeDeps({ setupMs: 2_000 });
  expect(await errorOf(piJob(endpoint.url), deps)).toBe("repair call failed: timed out after 1s");
});
