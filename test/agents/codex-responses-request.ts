/** The part of an OpenAI Responses request that a script looks at. */
import * as z from "zod";
import type { Done, Step, Turn } from "./scenario.ts";

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Text = z.union([z.string(), z.array(Part)]);

const Item = z.looseObject({
  type: z.string(),
  role: z.string().optional(),
  content: Text.nullish().catch(undefined),
  call_id: z.string().optional(),
  output: Text.optional().catch(undefined),
});
type Item = z.infer<typeof Item>;

const ResponsesRequest = z.looseObject({
  model: z.string(),
  instructions: z.string().optional(),
  input: z.array(Item).min(1),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).catch([]),
});

export type ResponsesTurn = Turn & {
  /** The one tool is a program that calls the others, as models of the GPT-6 family are given them. */
  readonly isCodeMode: boolean;
};

/** Reads a request; `steps` are the calls the server has made, by their ids. A text says what is wrong with it. */
export function parseTurn(body: string, steps: ReadonlyMap<string, Step>): ResponsesTurn | string {
  const parsed = ResponsesRequest.safeParse(parseJson(body));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { model, instructions, input, tools } = parsed.data;
  const done = input.flatMap((item) => toDone(item, steps));
  const said = (isWanted: (role: string) => boolean): string =>
    input
      .flatMap(({ type, role, content }) => {
        return type === "message" && isWanted(role ?? "") ? [textOf(content)] : [];
      })
      .join("\n");
  return {
    model,
    system: [instructions ?? "", said((role) => role === "developer" || role === "system")].join("\n"),
    prompt: said((role) => role === "user"),
    done,
    last: isResult(input.at(-1)) ? done.at(-1) : undefined,
    requests: countAnswers(input) + 1,
    isCodeMode: !tools.some(({ name }) => name === "exec_command"),
  };
}

function toDone(item: Item, steps: ReadonlyMap<string, Step>): readonly Done[] {
  const step = isResult(item) ? steps.get(item.call_id ?? "") : undefined;
  if (step === undefined) return [];
  const text = textOf(item.output);
  return [{ step, ok: isOk(step, text), text }];
}

/** A command's result has its exit code; the other tools say that it went well, a program of theirs says nothing. */
function isOk({ kind }: Step, text: string): boolean {
  if (kind === "run" || kind === "read") return /^Process exited with code 0$/m.test(text);
  return /^Success\.|^Plan updated|^\{\}$/m.test(text);
}

function isResult(item: Item | undefined): boolean {
  return item?.type === "function_call_output" || item?.type === "custom_tool_call_output";
}

const ofModel: ReadonlySet<string> = new Set(["reasoning", "function_call", "custom_tool_call"]);

/** What one answer says and calls stands together; the results of its calls end it. */
function countAnswers(input: readonly Item[]): number {
  const isModels = (item: Item | undefined): boolean =>
    item !== undefined && (item.role === "assistant" || ofModel.has(item.type));
  return input.filter((item, index) => isModels(item) && !isModels(input[index - 1])).length;
}

function textOf(content: z.infer<typeof Text> | null | undefined): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // what is no JSON fits no schema either, and that is what the caller is told
    return undefined;
  }
}
