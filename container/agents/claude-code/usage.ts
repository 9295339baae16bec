/** Token counts of Claude Code, by class. */

import type { Usage } from "../../job-context.ts";
import type { AgentEvent } from "../agent.ts";
import type { ResultRecord, TokenCounts } from "./records.ts";

export type Counts = Omit<Usage, "model">;

export const noCounts: Counts = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };

/** Later records of an answer correct what earlier ones said; what they leave out stays. */
export function toCounts(usage: TokenCounts | undefined, before: Counts): Counts {
  return {
    inputTokens: Math.floor(usage?.input_tokens ?? before.inputTokens),
    cacheReadTokens: Math.floor(usage?.cache_read_input_tokens ?? before.cacheReadTokens),
    cacheWriteTokens: Math.floor(usage?.cache_creation_input_tokens ?? before.cacheWriteTokens),
    outputTokens: Math.floor(usage?.output_tokens ?? before.outputTokens),
  };
}

/** Of all models of a run. */
export function toTotals(modelUsage: NonNullable<ResultRecord["modelUsage"]>): Counts {
  return Object.values(modelUsage).reduce<Counts>(
    (sum, model) =>
      add(sum, {
        inputTokens: Math.floor(model.inputTokens ?? 0),
        cacheReadTokens: Math.floor(model.cacheReadInputTokens ?? 0),
        cacheWriteTokens: Math.floor(model.cacheCreationInputTokens ?? 0),
        outputTokens: Math.floor(model.outputTokens ?? 0),
      }),
    noCounts,
  );
}

export function add(a: Counts, b: Counts): Counts {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    outputTokens: a.outputTokens + b.outputTokens,
  };
}

/** Never below zero: the total leaves out requests that were cut off. */
export function without(all: Counts, told: Counts): Counts {
  return {
    inputTokens: Math.max(0, all.inputTokens - told.inputTokens),
    cacheReadTokens: Math.max(0, all.cacheReadTokens - told.cacheReadTokens),
    cacheWriteTokens: Math.max(0, all.cacheWriteTokens - told.cacheWriteTokens),
    outputTokens: Math.max(0, all.outputTokens - told.outputTokens),
  };
}

export function toUsage(counts: Counts, model: string | undefined): readonly AgentEvent[] {
  if (Object.values(counts).every((count) => count === 0)) return [];
  return [{ kind: "usage", usage: { ...(model !== undefined && { model }), ...counts } }];
}
