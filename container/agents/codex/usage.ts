import * as z from "zod";
import type { AgentEvent } from "../agent.ts";

const Count = z.int().min(0).catch(0);

/** Of the whole thread so far. The input is all of it: what the cache did with a part of it is told beside it. */
const CodexUsage = z.looseObject({
  input_tokens: Count,
  cached_input_tokens: Count,
  cache_write_input_tokens: Count,
  output_tokens: Count,
});
type CodexUsage = z.infer<typeof CodexUsage>;

const none: CodexUsage = CodexUsage.parse({});

/** Takes the usage that each turn ends with, and tells what the turn itself has added to it. */
export function createUsageCounter(): (given: unknown) => readonly AgentEvent[] {
  let last = none;
  return (given) => {
    const parsed = CodexUsage.safeParse(given);
    if (!parsed.success) return [];
    const usage = parsed.data;
    const before = usage.input_tokens < last.input_tokens ? none : last;
    last = usage;
    const added = (now: number, then: number): number => Math.max(0, now - then);
    const cacheReadTokens = added(usage.cached_input_tokens, before.cached_input_tokens);
    const cacheWriteTokens = added(usage.cache_write_input_tokens, before.cache_write_input_tokens);
    const whole = added(usage.input_tokens, before.input_tokens);
    const inputTokens = added(whole, cacheReadTokens + cacheWriteTokens);
    const outputTokens = added(usage.output_tokens, before.output_tokens);
    if (whole + outputTokens === 0) return [];
    return [{ kind: "usage", usage: { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } }];
  };
}
