/** The part of an Anthropic Messages request that a script looks at. */
import * as z from "zod";
import type { Done, Step, Turn } from "./scenario.ts";

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
  content: z.unknown().optional(),
});
type Block = z.infer<typeof Block>;

const Content = z.union([z.string(), z.array(Block)]);

const MessagesRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: Content.optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: Content })).min(1),
});

export type MessagesTurn = Turn & { readonly stream: boolean };

/** Reads a request; `steps` are the calls the server has made, by their ids. A text says what is wrong with it. */
export function parseTurn(body: string, steps: ReadonlyMap<string, Step>): MessagesTurn | string {
  const parsed = MessagesRequest.safeParse(parseJson(body));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { model, stream, system, messages } = parsed.data;
  const blocks = messages.map(({ role, content }) => ({ role, blocks: toBlocks(content) }));
  const done = blocks.flatMap((message) => message.blocks.flatMap((block) => toDone(block, steps)));
  const saidBy = (wanted: string) =>
    textOf(blocks.flatMap((message) => (message.role === wanted ? message.blocks : [])));
  const isLastResult = blocks.at(-1)?.blocks.some(({ type }) => type === "tool_result") ?? false;
  return {
    model,
    stream: stream ?? false,
    // what holds for this machine and day stands in a message, so that the rest stays the same
    system: [textOf(toBlocks(system ?? "")), saidBy("system")].join("\n"),
    prompt: saidBy("user"),
    done,
    last: isLastResult ? done.at(-1) : undefined,
    requests: blocks.filter(({ role }) => role === "assistant").length + 1,
  };
}

function toDone(block: Block, steps: ReadonlyMap<string, Step>): readonly Done[] {
  const step = block.type === "tool_result" ? steps.get(block.tool_use_id ?? "") : undefined;
  if (step === undefined) return [];
  const content = Content.safeParse(block.content);
  const text = content.success ? textOf(toBlocks(content.data)) : "";
  return [{ step, ok: block.is_error !== true, text }];
}

function toBlocks(content: z.infer<typeof Content>): readonly Block[] {
  return typeof content === "string" ? [{ type: "text", text: content, content }] : content;
}

function textOf(blocks: readonly Block[]): string {
  return blocks.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // what is no JSON fits no schema either, and that is what the caller is told
    return undefined;
  }
}
