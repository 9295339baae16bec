import { readFileSync, readdirSync } from "node:fs";
import { test } from "vitest";
import type { ExploreJob } from "../../../shared/job-body.ts";
import { message, startModelEndpoint } from "../structured/model-endpoint.ts";
import { openExplore, prose, structured } from "./explore-studio.ts";

const auth = { kind: "token", subscriptionToken: "subscription-token" } as const;

const agents: ReadonlyArray<{ readonly program: string; readonly agent: ExploreJob["agent"] }> = [
  {
    program: "pi",
    agent: { kind: "pi", proxyBaseUrl: "http://127.0.0.1:9/v1", sessionToken: "session-token" },
  },
  { program: "claude", agent: { kind: "claude-code", auth } },
  { program: "codex", agent: { kind: "codex", auth } },
];

const fixtures = new URL("../fixtures/", import.meta.url);

/** What a recorded run of an agent printed, and the code it ended with. */
function replay(kind: string, scenario: string): string {
  const folder = new URL(`${kind}/`, fixtures);
  const name = readdirSync(folder).find((file) => file.endsWith(`-${scenario}.jsonl`));
  if (name === undefined) throw new Error(`no recording of ${kind} for ${scenario}`);
  const recording = new URL(name, folder);
  const [, code = "0"] = /"exit":"exited with code (\d+)"/.exec(readFileSync(recording, "utf8")) ?? [];
  return `tail -n +2 ${recording.pathname}; exit ${code}`;
}

const words = {
  "model-error-401": /401/,
  "model-error-402": /402/,
  "model-error-400": /400|request makes no sense/,
} as const;

for (const { program, agent } of agents) {
  for (const [scenario, text] of Object.entries(words)) {
    test(`a recorded ${scenario} of ${agent.kind} fails an explore job in the model's words`, async ({
      expect,
    }) => {
      const studio = await openExplore({ program, agent: replay(agent.kind, scenario), job: { agent } });
      const end = await studio.run();
      expect(end).toMatchObject({
        state: "failed",
        failureCause: "agent",
        error: expect.stringMatching(text),
        result: { summary: "", stats: { toolCalls: 0 } },
      });
    });
  }

  test(`a recorded run of ${agent.kind} that was cut off is no report where the job wants a whole one`, async ({
    expect,
  }) => {
    const studio = await openExplore({
      program,
      agent: replay(agent.kind, "truncated"),
      job: { agent, output: { ...prose, failOnUnusableFinal: true } },
    });
    const end = await studio.run();
    const error = end.state === "failed" ? end.error : end.result.error;
    expect(error).toMatch(/output ceiling|output token maximum|max_output_tokens/);
  });
}

const claudeSays = (text: string): string => `
event '{"type":"assistant","message":{"id":"m1","model":"m","content":[{"type":"text","text":"${text}"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens":7}}}'
event '{"type":"result","subtype":"success","is_error":false,"result":"${text}"}'
exit 0`;

test("an agent that pays for itself has its tokens in the result, caches in the input", async ({
  expect,
}) => {
  const studio = await openExplore({
    program: "claude",
    agent: claudeSays("All is well."),
    job: { agent: { kind: "claude-code", auth } },
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      summary: "All is well.",
      stats: { toolCalls: 0, assistantChars: 12 },
      usage: { inputTokens: 18, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 },
    },
  });
});

test("what a repair used is part of what the job used", async ({ expect }) => {
  const endpoint = await startModelEndpoint(message('{"verdict":"pass"}'));
  const studio = await openExplore({
    program: "claude",
    agent: claudeSays("It passes."),
    job: {
      output: structured,
      agent: { kind: "claude-code", auth, subscriptionBaseUrl: endpoint.url },
    },
  });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: {
      custom: { verdict: "pass" },
      usage: { inputTokens: 36, outputTokens: 14, cacheReadTokens: 10, cacheWriteTokens: 6 },
    },
  });
});

test("an agent whose login opens no endpoint says so where its reply is of no use", async ({ expect }) => {
  const studio = await openExplore({
    program: "codex",
    agent: `
event '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"It passes."}}'
event '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":80,"output_tokens":7}}'
exit 0`,
    job: { output: structured, agent: { kind: "codex", auth } },
  });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: {
      usage: { inputTokens: 100, outputTokens: 7 },
      error:
        "the agent produced no structured result. The agent did not return a parseable JSON object. [structured repair did not help (structured-output repair unavailable for the codex harness)] Agent output: It passes.",
    },
  });
});
