import { test } from "vitest";
import type { AgentEvent } from "../../../container/agents/agent.ts";
import { addToTranscript, emptyTranscript } from "../../../container/agents/transcript.ts";

const answer = (text: string, toolCalls = 0, isTruncated = false): AgentEvent => ({
  kind: "answer",
  text,
  toolCalls,
  isTruncated,
});

const usage = (tokens: number): AgentEvent => ({
  kind: "usage",
  usage: { inputTokens: tokens, cacheReadTokens: 2, cacheWriteTokens: 3, outputTokens: 4 },
});

const transcriptOf = (...events: readonly AgentEvent[]) =>
  events.reduce((transcript, event) => addToTranscript(transcript, event), emptyTranscript);

test("what an agent did before a retry counts as much as what it did after it", ({ expect }) => {
  const transcript = transcriptOf(
    answer("looking", 2),
    usage(10),
    { kind: "model-error", text: "overloaded" },
    answer("", 1),
    usage(100),
    answer("done"),
    { kind: "settled" },
  );
  expect(transcript).toEqual({
    summary: "done",
    toolCalls: 3,
    assistantChars: 11,
    isTruncated: false,
    isFinalTruncated: false,
    isFinalEmpty: false,
    usage: { inputTokens: 110, cacheReadTokens: 4, cacheWriteTokens: 6, outputTokens: 8 },
    modelError: null,
    isSettled: true,
  });
});

test("an answer that was cut off is remembered, and whether it was the last one", ({ expect }) => {
  expect(transcriptOf(answer("long", 0, true), answer("short"))).toMatchObject({
    isTruncated: true,
    isFinalTruncated: false,
  });
  expect(transcriptOf(answer("short"), answer("", 0, true))).toMatchObject({
    summary: "short",
    isFinalTruncated: true,
    isFinalEmpty: true,
  });
});
