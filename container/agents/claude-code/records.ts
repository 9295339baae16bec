/** Claude Code's stream-json records, as recorded from 2.1.330; fields that are not read may change freely. */

import { parseObject } from "../parse-object.ts";
import * as z from "zod";

const Count = z.number().min(0).optional().catch(undefined);
const Word = z.string().optional().catch(undefined);
const Flag = z.boolean().catch(false);

/** Each field is absent where the record does not speak of it. */
const TokenCounts = z.looseObject({
  input_tokens: Count,
  cache_read_input_tokens: Count,
  cache_creation_input_tokens: Count,
  output_tokens: Count,
});
export type TokenCounts = z.infer<typeof TokenCounts>;

const Usage = TokenCounts.optional().catch(undefined);

const Block = z.looseObject({
  type: Word,
  text: Word,
  id: Word,
  name: Word,
  input: z.unknown().optional(),
  tool_use_id: Word,
  is_error: Flag,
});
export type Block = z.infer<typeof Block>;

const Content = z.array(Block.catch({ is_error: false })).catch([]);

/** The call of the tool through which a sub-agent speaks; null for the agent itself. */
const Speaker = z.string().nullable().catch(null);

const AssistantRecord = z.looseObject({
  type: z.literal("assistant"),
  message: z.looseObject({
    id: z.string().catch(""),
    model: Word,
    content: Content,
    stop_reason: Word,
    usage: Usage,
  }),
  parent_tool_use_id: Speaker,
  /** The program's own words about a request that failed, in the shape of an answer. */
  is_api_error_message: Flag,
});
export type AssistantRecord = z.infer<typeof AssistantRecord>;

const UserRecord = z.looseObject({
  type: z.literal("user"),
  message: z.looseObject({ content: Content }),
});

const StreamRecord = z.looseObject({
  type: z.literal("stream_event"),
  event: z.looseObject({
    type: Word,
    message: z
      .looseObject({ id: z.string().catch(""), model: Word, usage: Usage })
      .optional()
      .catch(undefined),
    delta: z.looseObject({ stop_reason: Word }).optional().catch(undefined),
    usage: Usage,
  }),
  parent_tool_use_id: Speaker,
});
export type StreamRecord = z.infer<typeof StreamRecord>;

const ModelTotals = z.looseObject({
  inputTokens: Count,
  cacheReadInputTokens: Count,
  cacheCreationInputTokens: Count,
  outputTokens: Count,
});

const ResultRecord = z.looseObject({
  type: z.literal("result"),
  subtype: Word,
  is_error: Flag,
  result: Word,
  errors: z.array(z.string()).optional().catch(undefined),
  /** Of the agent's own answers, sub-agents left out. */
  usage: Usage,
  /** By model, of the whole run, sub-agents included. */
  modelUsage: z.record(z.string(), ModelTotals).optional().catch(undefined),
});
export type ResultRecord = z.infer<typeof ResultRecord>;

const ClaudeCodeRecord = z.discriminatedUnion("type", [
  AssistantRecord,
  UserRecord,
  StreamRecord,
  ResultRecord,
]);
export type ClaudeCodeRecord = z.infer<typeof ClaudeCodeRecord>;

/** The pieces of an answer, one record each: they say nothing that the whole answer does not say again. */
const piecePrefix = '{"type":"stream_event","event":{"type":"content_block_';

/** Whether a line that begins so is no piece. */
export function isRecordRead(head: string): boolean {
  return !head.startsWith(piecePrefix);
}

/** The record of a line; `other` where it is one that is not read, null where the line is no record. */
export function readRecord(line: string): ClaudeCodeRecord | "other" | null {
  if (!isRecordRead(line)) return "other";
  const json = parseObject(line);
  if (json === null) return null;
  const record = ClaudeCodeRecord.safeParse(json);
  return record.success ? record.data : "other";
}
