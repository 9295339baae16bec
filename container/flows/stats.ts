import type { JobResult } from "../../shared/job-result.ts";
import type { Transcript } from "../agents/transcript.ts";
import type { AgentJob } from "../../shared/job-body.ts";

/** What a result tells of its agent's work. */
export function workOf({ agent }: AgentJob, transcript: Transcript): JobResult {
  const { summary, toolCalls, assistantChars } = transcript;
  const usage = agent.kind === "pi" ? undefined : usageOf(transcript);
  return { summary, stats: { toolCalls, assistantChars }, ...(usage !== undefined && { usage }) };
}

/**
 * Tokens of an agent that pays for itself; Pi's are metered by the proxy that its caller runs. `inputTokens` is all of
 * the input, caches included, as clients add it up; absent where nothing was used.
 */
function usageOf({ usage }: Transcript): JobResult["usage"] {
  const { inputTokens: freshTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const inputTokens = freshTokens + cacheReadTokens + cacheWriteTokens;
  if (inputTokens + outputTokens === 0) return undefined;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
}
