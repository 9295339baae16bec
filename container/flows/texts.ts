/** Fragments of the texts with which a job says that its agent achieved nothing. */

import type { AgentEnd } from "../agents/run-agent.ts";
import type { Transcript } from "../agents/transcript.ts";

/** The agent called no tool and said nothing. */
export function hasNeverActed({ toolCalls, assistantChars }: Transcript): boolean {
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

/** The agent's last words: what it wrote to standard error, else, where one is given, the head of its summary. */
export function lastWords({ stderr }: Pick<AgentEnd, "stderr">, summary = ""): string {
  if (stderr !== "") return ` Agent stderr: ${stderr.slice(-700)}`;
  return summary === "" ? "" : ` Agent output: ${summary.slice(0, 700)}`;
}
