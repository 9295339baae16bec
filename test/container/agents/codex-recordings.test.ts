import { readFileSync, readdirSync } from "node:fs";
import { test } from "vitest";
import type { AgentEvent } from "../../../container/agents/agent.ts";
import { codex } from "../../../container/agents/codex/codex.ts";
import { addToTranscript, emptyTranscript } from "../../../container/agents/transcript.ts";

const folder = new URL("../fixtures/codex/", import.meta.url);

function readRecording(scenario: string) {
  const [, ...lines] = readFileSync(new URL(`0.169.0-${scenario}.jsonl`, folder), "utf8").split("\n");
  const parser = codex.createParser();
  const noise: string[] = [];
  const events: AgentEvent[] = [];
  for (const line of lines.filter((text) => text !== "")) {
    const read = parser.read(line);
    if (read === null) noise.push(line);
    else events.push(...read);
  }
  return { events, noise, transcript: events.reduce(addToTranscript, emptyTranscript) };
}

const commit = 'git add -- src/duration.js && git commit -q -m "duration: count sixty minutes to the hour"';

test("a recorded run of Codex gives its calls, its list, its usage and its last words", ({ expect }) => {
  const { events, transcript } = readRecording("fix-failing-test");
  const started = events.flatMap((event) =>
    event.kind === "tool-start" ? [`${event.tool}: ${event.args}`] : [],
  );
  expect(started).toEqual([
    "bash: node --test",
    "cat: cat src/duration.js",
    "apply_patch: update /job/checkout/src/duration.js",
    "bash: node --test",
    `bash: ${commit}`,
  ]);
  const outcomes = events.flatMap((event) => (event.kind === "tool-end" ? [event.ok] : []));
  expect(outcomes).toEqual([false, true, true, true, true]);
  const progress = events.flatMap((event) => (event.kind === "progress" ? [event.progress] : []));
  expect(progress[0]).toEqual({
    completed: 0,
    inProgress: 0,
    total: 2,
    items: [
      { label: "Find out why the test is red", status: "pending" },
      { label: "Fix the cause", status: "pending" },
    ],
  });
  expect(progress.at(-1)).toMatchObject({ completed: 2, total: 2 });
  const said = "I will look at the tests first.";
  const summary = '[scripted] Fixed: "an hour and a half is ninety minutes" was red and is green.';
  expect(transcript).toEqual({
    summary,
    toolCalls: 5,
    assistantChars: said.length + summary.length,
    isTruncated: false,
    isFinalTruncated: false,
    isFinalEmpty: false,
    // eight answers of the model, of which the n-th read 1,000 n tokens from the cache and wrote 10 n
    usage: { inputTokens: 836, cacheReadTokens: 36_000, cacheWriteTokens: 360, outputTokens: 196 },
    modelError: null,
    isSettled: true,
  });
});

test("a model that works through programs of its own is told the same way", ({ expect }) => {
  const told = (scenario: string) => readRecording(scenario).events.map((event) => ({ ...event }));
  expect(told("code-mode")).toEqual(told("fix-failing-test"));
});

test("commands that fail are told as failed, and Codex comes to its own end", ({ expect }) => {
  const { events, transcript } = readRecording("tool-failure");
  const ends = events.flatMap((event) => (event.kind === "tool-end" ? [`${event.tool} ${event.ok}`] : []));
  // both at once: either may be the first
  expect(ends.toSorted()).toEqual(["bash false", "cat false"]);
  expect(transcript).toMatchObject({
    summary: "[scripted] Neither tool did what I asked.",
    toolCalls: 2,
    modelError: null,
    isSettled: true,
  });
});

test("a recorded refusal of Codex's model is the transcript's error, in the provider's words", ({
  expect,
}) => {
  const refused = ["model-error-400", "model-error-401", "model-error-402", "model-error-429", "overloaded"];
  const errors = refused.map((scenario) => {
    const { modelError, isSettled, summary, toolCalls } = readRecording(scenario).transcript;
    return { modelError, isSettled, summary, toolCalls };
  });
  const nothing = { isSettled: false, summary: "", toolCalls: 0 };
  expect(errors).toEqual([
    { modelError: "[scripted] the request makes no sense", ...nothing },
    { modelError: expect.stringMatching(/^unexpected status 401 .*the token is not valid/), ...nothing },
    { modelError: expect.stringMatching(/^unexpected status 402 .*budget exhausted/), ...nothing },
    { modelError: "Quota exceeded. Check your plan and billing details.", ...nothing },
    { modelError: expect.stringMatching(/^unexpected status 503 .*overloaded/), ...nothing },
  ]);
  const overcome = readRecording("overloaded").events.filter(({ kind }) => kind === "model-error");
  expect(overcome).toHaveLength(6);
});

test("a recorded answer that hit the output ceiling is told as cut off", ({ expect }) => {
  expect(readRecording("truncated").transcript).toMatchObject({
    summary: "[scripted] This is going to be",
    isTruncated: true,
    isFinalTruncated: true,
    modelError: "Incomplete response returned, reason: max_output_tokens",
    isSettled: false,
  });
});

test("every line of every recording of Codex is one of its events", ({ expect }) => {
  const scenarios = readdirSync(folder).map((name) => /^0\.169\.0-(.+)\.jsonl$/.exec(name)?.[1] ?? name);
  expect(scenarios.length).toBeGreaterThan(6);
  expect(scenarios.flatMap((scenario) => readRecording(scenario).noise)).toEqual([]);
});
