/** Fragments of the texts with which a job says that its agent achieved nothing. */

import type { AgentEnd } from "../agents/run-agent.ts";
import type { Transcript } from "../agents/transcript.ts";
import { redactHead } from "../redact-head.ts";

const maxChars = 700;

/** The agent called no tool and said nothing. */
function hasNeverActed({ toolCalls, assistantChars }: Transcript): boolean {
  return toolCalls === 0 && assistantChars === 0;
}

/** Continues a sentence. */
export function neverActedClause(transcript: Transcript): string {
  if (!hasNeverActed(transcript)) return "";
  return " (the agent never acted — it most likely could not reach the model)";
}

/** A sentence of its own. */
export function neverActedSentence(transcript: Transcript): string {
  if (!hasNeverActed(transcript)) return "";
  return " The agent never acted (no tool calls, no model output) — it most likely could not reach the model.";
}

/** What the agent wrote to standard error last, else the head of what it said last. */
export function lastWordsOrReply(
  end: Pick<AgentEnd, "stderr" | "transcript">,
  redact: (text: string) => string,
): string {
  if (end.stderr !== "") return lastWords(end);
  const { text } = redactHead(end.transcript.summary, maxChars, redact);
  return text === "" ? "" : ` Agent output: ${text.slice(0, maxChars)}`;
}

/** What the agent wrote to standard error last. */
export function lastWords({ stderr }: Pick<AgentEnd, "stderr">): string {
  return stderr === "" ? "" : ` Agent stderr: ${stderr.slice(-maxChars)}`;
}
