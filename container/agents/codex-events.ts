/** The JSON lines of `codex exec --json`, as recorded from 0.169; fields that are not read may change freely. */

import * as z from "zod";
import type { AgentEvent, AgentParser } from "./agent.ts";
import { CodexItem, toArgs, toProgress, toToolName } from "./codex-items.ts";

const Count = z.int().min(0).catch(0);
const Words = z.string().catch("the model failed without a reason");

const CodexUsage = z.looseObject({
  input_tokens: Count,
  cached_input_tokens: Count,
  cache_write_input_tokens: Count,
  output_tokens: Count,
});
type CodexUsage = z.infer<typeof CodexUsage>;

const CodexEvent = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("item.started"), item: z.unknown() }),
  z.looseObject({ type: z.literal("item.updated"), item: z.unknown() }),
  z.looseObject({ type: z.literal("item.completed"), item: z.unknown() }),
  z.looseObject({ type: z.literal("turn.completed"), usage: CodexUsage.optional().catch(undefined) }),
  z.looseObject({
    type: z.literal("turn.failed"),
    error: z.looseObject({ message: Words }).catch({ message: "the model failed without a reason" }),
  }),
  z.looseObject({ type: z.literal("error"), message: Words }),
]);
type CodexEvent = z.infer<typeof CodexEvent>;

/** A call that began and never ends is forgotten beyond this many: the lines are the agent's. */
const maxOpenCalls = 1_000;
const noUsage = CodexUsage.parse({});

/** Codex says that an answer was cut off only after it has said the answer. */
const cutOff = /^Incomplete response returned, reason: max_output_tokens/;

/** What one run of Codex says. A text is held until the next line tells whether it was whole. */
export function createCodexParser(): AgentParser {
  const open = new Set<string>();
  let held: string | null = null;
  let toolCalls = 0;
  let lastError: string | null = null;
  let totals: CodexUsage = noUsage;

  return (line) => {
    const json = parseObject(line);
    if (json === null) return null;
    const event = CodexEvent.safeParse(json);
    return event.success ? read(event.data) : [];
  };

  function read(event: CodexEvent): readonly AgentEvent[] {
    switch (event.type) {
      case "item.started":
      case "item.updated":
      case "item.completed":
        return readItem(event.type, event.item);
      case "error":
        return [...release(cutOff.test(event.message)), ...fail(event.message)];
      case "turn.failed": {
        const calls = finish(false);
        return calls.length === 0 && event.error.message === lastError
          ? []
          : [...calls, ...fail(event.error.message)];
      }
      case "turn.completed":
        return [...finish(true), ...countUsage(event.usage ?? totals), { kind: "settled" }];
    }
  }

  function readItem(stage: string, given: unknown): readonly AgentEvent[] {
    const parsed = CodexItem.safeParse(given);
    if (!parsed.success) return [];
    const item = parsed.data;
    if (item.type === "todo_list") {
      const progress = toProgress(item);
      return [...release(), ...(progress === null ? [] : [{ kind: "progress", progress } as const])];
    }
    if (item.type === "agent_message") {
      if (stage !== "item.completed") return [];
      const before = release();
      held = item.text.trim();
      return before;
    }
    const call = { tool: toToolName(item), callId: item.id };
    const begun = open.has(item.id) ? [] : [{ kind: "tool-start", ...call, args: toArgs(item) } as const];
    if (stage !== "item.completed") {
      if (open.size >= maxOpenCalls) open.clear();
      open.add(item.id);
      return [...release(), ...begun];
    }
    open.delete(item.id);
    const before = release();
    toolCalls += 1;
    return [...before, ...begun, { kind: "tool-end", ...call, ok: item.status === "completed" }];
  }

  /** The held text, with the calls before it. */
  function release(isTruncated = false): readonly AgentEvent[] {
    if (held === null) return [];
    const answer = { kind: "answer", text: held, toolCalls, isTruncated } as const;
    held = null;
    toolCalls = 0;
    return [answer];
  }

  /** A turn that ends after a call has ended without a word, which is an answer too where it ended well. */
  function finish(isWell: boolean): readonly AgentEvent[] {
    if (held === null && (isWell || toolCalls > 0)) held = "";
    return release();
  }

  function fail(message: string): readonly AgentEvent[] {
    lastError = message;
    return [{ kind: "model-error", text: wordsIn(message) }];
  }

  /** Codex counts over the whole thread; each turn adds what is new. What it counts as input includes the cache's part. */
  function countUsage(now: CodexUsage): readonly AgentEvent[] {
    const before = now.input_tokens < totals.input_tokens ? noUsage : totals;
    const added = (name: keyof typeof noUsage): number =>
      Math.max(0, Number(now[name]) - Number(before[name]));
    totals = now;
    const cacheReadTokens = added("cached_input_tokens");
    const cacheWriteTokens = added("cache_write_input_tokens");
    const inputTokens = Math.max(0, added("input_tokens") - cacheReadTokens - cacheWriteTokens);
    const outputTokens = added("output_tokens");
    if (inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens === 0) return [];
    return [{ kind: "usage", usage: { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } }];
  }
}

const Body = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/** Some refusals are told as the provider's whole answer. */
function wordsIn(message: string): string {
  return Body.safeParse(parseObject(message)).data?.error.message ?? message;
}

function parseObject(line: string): unknown {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    // the caller counts lines that are no events
    return null;
  }
}
