/** The HTTP call that asks a model to put a reply right, in the dialect of the endpoint the job's own agent uses. */

import * as z from "zod";
import type { AgentJob } from "../../shared/job-body.ts";
import { isConsoleKey } from "../agents/console-key.ts";
import type { Usage } from "../job-context.ts";

/** Where a repair can be asked for. */
export type RepairChannel =
  | { readonly kind: "proxy"; readonly baseUrl: string; readonly token: string }
  | { readonly kind: "messages"; readonly baseUrl: string | null; readonly token: string };

export type RepairRequest = { readonly model: string; readonly system: string; readonly user: string };

export type HttpCall = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
};

export type RepairAnswer = { readonly text: string; readonly usage: Usage | null };

const maxTokens = 32_768;

/** Null for an agent whose credentials open no endpoint of its own. */
export function repairChannelOf({ agent }: Pick<AgentJob, "agent">): RepairChannel | null {
  if (agent.kind === "pi") {
    return { kind: "proxy", baseUrl: agent.proxyBaseUrl.replace(/\/+$/, ""), token: agent.sessionToken };
  }
  if (agent.kind !== "claude-code" || agent.auth.kind !== "token") return null;
  const baseUrl = agent.subscriptionBaseUrl?.replace(/\/+$/, "") ?? null;
  return { kind: "messages", baseUrl, token: agent.auth.subscriptionToken };
}

/** @param asksForJson not every endpoint knows the field that asks for a JSON object, and some refuse it. */
export function toHttpCall(channel: RepairChannel, request: RepairRequest, asksForJson: boolean): HttpCall {
  return channel.kind === "proxy"
    ? toCompletionsCall(channel, request, asksForJson)
    : toMessagesCall(channel, request);
}

function toCompletionsCall(
  { baseUrl, token }: Extract<RepairChannel, { kind: "proxy" }>,
  { model, system, user }: RepairRequest,
  asksForJson: boolean,
): HttpCall {
  return {
    url: `${baseUrl}/chat/completions`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: {
      model,
      stream: false,
      max_tokens: maxTokens,
      messages: [
        { role: "system", content: system },
        { role: "user", content: user },
      ],
      ...(asksForJson && { response_format: { type: "json_object" } }),
    },
  };
}

function toMessagesCall(
  { baseUrl, token }: Extract<RepairChannel, { kind: "messages" }>,
  { model, system, user }: RepairRequest,
): HttpCall {
  const credential: Readonly<Record<string, string>> =
    baseUrl === null && !isConsoleKey(token)
      ? { authorization: `Bearer ${token}`, "anthropic-beta": "oauth-2025-04-20" }
      : { "x-api-key": token };
  return {
    url: `${baseUrl ?? "https://api.anthropic.com"}/v1/messages`,
    headers: { ...credential, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: { model, max_tokens: maxTokens, system, messages: [{ role: "user", content: user }] },
  };
}

const tokens = z.int().min(0).catch(0);

const Completion = z.looseObject({
  choices: z.tuple([z.looseObject({ message: z.looseObject({ content: z.string() }) })]).rest(z.unknown()),
  usage: z
    .looseObject({
      prompt_tokens: tokens,
      completion_tokens: tokens,
      prompt_tokens_details: z.looseObject({ cached_tokens: tokens }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

const Message = z.looseObject({
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  usage: z
    .looseObject({
      input_tokens: tokens,
      cache_read_input_tokens: tokens,
      cache_creation_input_tokens: tokens,
      output_tokens: tokens,
    })
    .nullish()
    .catch(null),
});

/** What the model said; no text where the answer is none of the endpoint's kind. */
export function readRepairAnswer(channel: RepairChannel, model: string, answer: unknown): RepairAnswer {
  return channel.kind === "proxy" ? readCompletion(model, answer) : readMessage(model, answer);
}

function readCompletion(model: string, answer: unknown): RepairAnswer {
  const read = Completion.safeParse(answer);
  if (!read.success) return { text: "", usage: null };
  const { choices, usage } = read.data;
  const text = choices[0].message.content;
  if (usage == null) return { text, usage: null };
  const cacheReadTokens = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  return {
    text,
    usage: {
      model,
      inputTokens: usage.prompt_tokens - cacheReadTokens,
      cacheReadTokens,
      cacheWriteTokens: 0,
      outputTokens: usage.completion_tokens,
    },
  };
}

function readMessage(model: string, answer: unknown): RepairAnswer {
  const read = Message.safeParse(answer);
  if (!read.success) return { text: "", usage: null };
  const { content, usage } = read.data;
  const text = content.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join("");
  if (usage == null) return { text, usage: null };
  return {
    text,
    usage: {
      model,
      inputTokens: usage.input_tokens,
      cacheReadTokens: usage.cache_read_input_tokens,
      cacheWriteTokens: usage.cache_creation_input_tokens,
      outputTokens: usage.output_tokens,
    },
  };
}
