import type { AgentEvent } from "./agent.ts";

/** What an agent's events add up to; it grows with none of them. */
export type Transcript = {
  /** The last thing the agent said; empty where it said nothing. */
  readonly summary: string;
  readonly toolCalls: number;
  readonly assistantChars: number;
  /** The model's last word was an error. */
  readonly modelError: string | null;
  readonly isSettled: boolean;
};

export const emptyTranscript: Transcript = {
  summary: "",
  toolCalls: 0,
  assistantChars: 0,
  modelError: null,
  isSettled: false,
};

/** Counts over the whole life of the agent: a retry or a compaction begins a new inner run and forgets nothing here. */
export function addToTranscript(transcript: Transcript, event: AgentEvent): Transcript {
  if (event.kind === "settled") return { ...transcript, isSettled: true };
  if (event.kind === "model-error") return { ...transcript, modelError: event.text };
  if (event.kind !== "answer") return transcript;
  return {
    ...transcript,
    summary: event.text === "" ? transcript.summary : event.text,
    toolCalls: transcript.toolCalls + event.toolCalls,
    assistantChars: transcript.assistantChars + event.text.length,
    modelError: null,
  };
}
