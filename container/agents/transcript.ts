import type { AgentEvent } from "./agent.ts";

/** What an agent's events add up to; it grows with none of them. */
export type Transcript = {
  /** The last thing the agent said; empty where it said nothing. */
  readonly summary: string;
  readonly toolCalls: number;
  readonly assistantChars: number;
  /** Some answer was cut off at the model's output ceiling. */
  readonly isTruncated: boolean;
  /** The last answer was. */
  readonly isFinalTruncated: boolean;
  /** The last answer had no text. */
  readonly isFinalEmpty: boolean;
  readonly usage: TokenTotals;
  /** The model's last word was an error. */
  readonly modelError: string | null;
  readonly isSettled: boolean;
};

/** Tokens by class; the input is what was neither read from a cache nor written to one. */
export type TokenTotals = {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
};

export const emptyTranscript: Transcript = {
  summary: "",
  toolCalls: 0,
  assistantChars: 0,
  isTruncated: false,
  isFinalTruncated: false,
  isFinalEmpty: false,
  usage: { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  modelError: null,
  isSettled: false,
};

/** Counts over the whole life of the agent: a retry or a compaction begins a new inner run and forgets nothing here. */
export function addToTranscript(transcript: Transcript, event: AgentEvent): Transcript {
  if (event.kind === "settled") return { ...transcript, isSettled: true };
  if (event.kind === "model-error") return { ...transcript, modelError: event.text };
  if (event.kind === "usage") return { ...transcript, usage: addTokens(transcript.usage, event.usage) };
  if (event.kind !== "answer") return transcript;
  return {
    ...transcript,
    summary: event.text === "" ? transcript.summary : event.text,
    toolCalls: transcript.toolCalls + event.toolCalls,
    assistantChars: transcript.assistantChars + event.text.length,
    isTruncated: transcript.isTruncated || event.isTruncated,
    isFinalTruncated: event.isTruncated,
    isFinalEmpty: event.text === "",
    modelError: null,
  };
}

function addTokens(totals: TokenTotals, more: TokenTotals): TokenTotals {
  return {
    inputTokens: totals.inputTokens + more.inputTokens,
    cacheReadTokens: totals.cacheReadTokens + more.cacheReadTokens,
    cacheWriteTokens: totals.cacheWriteTokens + more.cacheWriteTokens,
    outputTokens: totals.outputTokens + more.outputTokens,
  };
}
