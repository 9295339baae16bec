/** The JSON lines of `codex exec --json`, as recorded from 0.169; fields that are not read may change freely. */

import { parseObject } from "../parse-object.ts";
import * as z from "zod";
import type { AgentEvent, AgentParser } from "../agent.ts";
import { createUsageCounter } from "./usage.ts";
import { CodexItem, toArgs, toProgress, toToolName } from "./items.ts";

const Words = z.string().catch("the model failed without a reason");

const CodexEvent = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("item.started"), item: z.unknown() }),
  z.looseObject({ type: z.literal("item.updated"), item: z.unknown() }),
  z.looseObject({ type: z.literal("item.completed"), item: z.unknown() }),
  z.looseObject({ type: z.literal("turn.completed"), usage: z.unknown() }),
  z.looseObject({
    type: z.literal("turn.failed"),
    error: z.looseObject({ message: Words }).catch({ message: "the model failed without a reason" }),
  }),
  z.looseObject({ type: z.literal("error"), message: Words }),
]);
type CodexEvent = z.infer<typeof CodexEvent>;

/** A call that began and never ends is forgotten beyond this many: the lines are the agent's. */
const maxOpenCalls = 1_000;

/** Codex says that an answer was cut off only after it has said the answer. */
const cutOff = /^Incomplete response returned, reason: max_output_tokens/;

/** What one run of Codex says. A text is held until the next line tells whether it was whole. */
export function createCodexParser(): AgentParser {
  const open = new Set<string>();
  const countUsage = createUsageCounter();
  let held: string | null = null;
  let hasSpoken = false;
  let toolCalls = 0;
  let lastError: string | null = null;
  /** The last one where no answer came after it. */
  let openError: string | null = null;

  return {
    read: (line) => {
      const json = parseObject(line);
      if (json === null) return null;
      const event = CodexEvent.safeParse(json);
      return event.success ? toEvents(event.data) : [];
    },
    end: () => {
      const error = openError;
      const rest = finish(false);
      return rest.length === 0 || error === null ? rest : [...rest, ...fail(error)];
    },
  };

  function toEvents(event: CodexEvent): readonly AgentEvent[] {
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
        return [...finish(true), ...countUsage(event.usage), { kind: "settled" }];
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
      hasSpoken = true;
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
    openError = null;
    return [answer];
  }

  /** A turn that ends after a call, or well and without a word, has an empty last answer. */
  function finish(isWell: boolean): readonly AgentEvent[] {
    if (held === null && (toolCalls > 0 || (isWell && !hasSpoken))) held = "";
    hasSpoken = false;
    return release();
  }

  function fail(message: string): readonly AgentEvent[] {
    lastError = message;
    openError = message;
    hasSpoken = false;
    return [{ kind: "model-error", text: wordsIn(message) }];
  }
}

const Body = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/** Some refusals are told as the provider's whole answer. */
function wordsIn(message: string): string {
  return Body.safeParse(parseObject(message)).data?.error.message ?? message;
}
