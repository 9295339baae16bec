/** One run of Claude Code, record by record. An answer comes in several records of one id and is told once, complete. */

import * as z from "zod";
import type { AgentEvent, AgentParser } from "../agent.ts";
import {
  type AssistantRecord,
  type Block,
  type ClaudeCodeRecord,
  type ResultRecord,
  type StreamRecord,
  isRecordRead,
  readRecord,
} from "./records.ts";
import { type Counts, add, noCounts, toCounts, toTotals, toUsage, without } from "./usage.ts";
import { progressIn } from "../todo.ts";
import { summarizeArguments } from "../tool-arguments.ts";

/** An answer of which records may still come. */
type OpenAnswer = {
  readonly id: string;
  model: string | undefined;
  text: string;
  toolCalls: number;
  stopReason: string | undefined;
  counts: Counts;
  /** Something of it was heard: a request that was cut off before that is not counted. */
  isHeard: boolean;
};

type OpenCall = { readonly tool: string; readonly input: unknown };

/** Reasons for which an answer ends in the middle: its own ceiling, or the window's. */
const ceilings: ReadonlySet<string | undefined> = new Set(["max_tokens", "model_context_window_exceeded"]);

const TodoList = z.looseObject({ todos: z.array(z.unknown()) });

export function createClaudeCodeParser(): AgentParser {
  const answers = new Map<string | null, OpenAnswer>();
  const calls = new Map<string, OpenCall>();
  let told = noCounts;
  /** Tool calls of sub-agents, who speak to the agent alone: counted with its next answer. */
  let delegatedCalls = 0;
  let lastError: string | null = null;
  let lastText = "";
  /** Words of the program's own in the shape of an answer, which the result repeats. */
  let ownWords: string | null = null;

  return {
    isRead: isRecordRead,
    read: (line) => {
      const record = readRecord(line);
      if (record === null) return null;
      return record === "other" ? [] : take(record);
    },
    end: closeAll,
  };

  function take(record: ClaudeCodeRecord): readonly AgentEvent[] {
    switch (record.type) {
      case "assistant":
        return takeAssistant(record);
      case "user":
        return record.message.content.flatMap((block) => endCall(block));
      case "stream_event":
        return takeStreamEvent(record);
      case "result":
        return takeResult(record);
    }
  }

  function takeAssistant({ message, parent_tool_use_id: speaker, ...record }: AssistantRecord) {
    if (record.is_api_error_message)
      return speaker === null ? [...close(null), ...fail(textOf(message.content))] : [];
    // other words of the program's own are nobody's answer
    if (message.model === "<synthetic>") {
      ownWords = textOf(message.content);
      return [];
    }
    const before = answers.get(speaker)?.id === message.id ? [] : close(speaker);
    const answer = open(speaker, message.id);
    answer.isHeard = true;
    answer.model ??= message.model;
    answer.text += textOf(message.content);
    answer.stopReason = message.stop_reason ?? answer.stopReason;
    answer.counts = toCounts(message.usage, answer.counts);
    const started = message.content.flatMap((block) => startCall(block, answer));
    return [...before, ...started];
  }

  function takeStreamEvent({ event, parent_tool_use_id: speaker }: StreamRecord): readonly AgentEvent[] {
    if (event.type === "message_start") {
      const before = close(speaker);
      const answer = open(speaker, event.message?.id ?? "");
      answer.model = event.message?.model;
      answer.counts = toCounts(event.message?.usage, answer.counts);
      return before;
    }
    const answer = answers.get(speaker);
    if (answer === undefined) return [];
    if (event.type === "message_delta") {
      answer.isHeard = true;
      answer.stopReason = event.delta?.stop_reason ?? answer.stopReason;
      answer.counts = toCounts(event.usage, answer.counts);
    }
    return event.type === "message_stop" ? close(speaker) : [];
  }

  function takeResult(record: ResultRecord): readonly AgentEvent[] {
    const rest = closeAll();
    const end = isFailure(record) ? failureOf(record) : unheardAnswer(record);
    return [...rest, ...tellRest(record), ...end, { kind: "settled" }];
  }

  /** The last answer once more, where its own record was lost: one beyond what is read, say. */
  function unheardAnswer({ result: text = "" }: ResultRecord): readonly AgentEvent[] {
    if (lastText !== "" || text.trim() === "" || text === ownWords) return [];
    return [{ kind: "answer", text: text.trim(), toolCalls: 0, isTruncated: false }];
  }

  function failureOf({ subtype, result, errors }: ResultRecord): readonly AgentEvent[] {
    const words = result === undefined || result === "" ? errors?.join("; ") : result;
    return fail(
      words === undefined || words === "" ? `the run ended with '${subtype ?? "an error"}'` : words,
    );
  }

  /** The result repeats the words of the failed request before it. */
  function fail(text: string): readonly AgentEvent[] {
    if (text === lastError) return [];
    lastError = text;
    return [{ kind: "model-error", text }];
  }

  function open(speaker: string | null, id: string): OpenAnswer {
    const known = answers.get(speaker);
    if (known !== undefined) return known;
    const answer: OpenAnswer = {
      id,
      model: undefined,
      text: "",
      toolCalls: 0,
      stopReason: undefined,
      counts: noCounts,
      isHeard: false,
    };
    answers.set(speaker, answer);
    return answer;
  }

  function closeAll(): readonly AgentEvent[] {
    return [...answers.keys()].flatMap((speaker) => close(speaker));
  }

  function close(speaker: string | null): readonly AgentEvent[] {
    const answer = answers.get(speaker);
    answers.delete(speaker);
    if (answer === undefined || !answer.isHeard) return [];
    const { text, toolCalls, model, counts, stopReason } = answer;
    told = add(told, counts);
    const usage = toUsage(counts, model);
    if (speaker !== null) {
      delegatedCalls += toolCalls;
      return usage;
    }
    const allCalls = toolCalls + delegatedCalls;
    delegatedCalls = 0;
    lastError = null;
    const isTruncated = ceilings.has(stopReason);
    lastText = text.trim();
    return [...usage, { kind: "answer", text: lastText, toolCalls: allCalls, isTruncated }];
  }

  function startCall({ type, id, name, input }: Block, answer: OpenAnswer): readonly AgentEvent[] {
    if (type !== "tool_use" || id === undefined || name === undefined) return [];
    answer.toolCalls += 1;
    calls.set(id, { tool: name, input });
    return [{ kind: "tool-start", tool: name, callId: id, args: summarizeArguments(input) }];
  }

  function endCall({ type, tool_use_id: callId = "", is_error: isError }: Block): readonly AgentEvent[] {
    const call = type === "tool_result" ? calls.get(callId) : undefined;
    if (call === undefined) return [];
    calls.delete(callId);
    const progress = isError || call.tool !== "TodoWrite" ? null : progressOf(call.input);
    return [
      { kind: "tool-end", tool: call.tool, callId, ok: !isError },
      ...(progress === null ? [] : [{ kind: "progress", progress } as const]),
    ];
  }

  /** What sub-agents and the program's own requests used, which no record before the result tells in full. */
  function tellRest({ modelUsage = {}, usage }: ResultRecord): readonly AgentEvent[] {
    const models = Object.keys(modelUsage);
    const all = models.length === 0 ? toCounts(usage, noCounts) : toTotals(modelUsage);
    const rest = without(all, told);
    told = add(told, rest);
    return toUsage(rest, models.length === 1 ? models[0] : undefined);
  }
}

/** An exit code says nothing about it: 1 of this version, 0 of others. */
function isFailure({ is_error: isError, subtype = "success" }: ResultRecord): boolean {
  return isError || subtype !== "success";
}

function progressOf(input: unknown) {
  const list = TodoList.safeParse(input);
  return list.success ? progressIn({ tasks: list.data.todos }) : null;
}

function textOf(content: readonly Block[]): string {
  return content.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("");
}
