import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { JobResult } from "../../shared/job-result.ts";

/** What stands in the folder of one role. */
export type Example = {
  readonly role: string;
  readonly body: Body;
  /** The body as it stands in the file. */
  readonly text: string;
  readonly result: JobResult;
};

const Body = z.looseObject({
  jobId: z.string(),
  systemPrompt: z.string(),
  userPrompt: z.string(),
  harness: z.enum(["pi", "claude-code", "codex"]),
  contextFiles: z.array(z.object({ path: z.string(), content: z.string() })).default([]),
  output: z.object({ kind: z.string(), shapeHint: z.string().optional() }).optional(),
});
export type Body = z.infer<typeof Body>;

const folder = new URL("../../examples/", import.meta.url).pathname;

export const readExampleFile = (path: string): string => readFileSync(join(folder, path), "utf8");

export const roles: readonly string[] = readdirSync(join(folder, "roles"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

export function readExample(role: string): Example {
  const text = readExampleFile(`roles/${role}/dispatch.json`);
  const result = JobResult.parse(JSON.parse(readExampleFile(`roles/${role}/result.json`)));
  return { role, text, body: parseBody(text), result };
}

export function parseBody(text: string): Body {
  return Body.parse(JSON.parse(text));
}

/** The shape of `result.custom` that a structured job asks for; null for any other. */
export function shapeOf({ output }: Body): z.ZodType | null {
  if (output?.kind !== "structured") return null;
  return z.fromJSONSchema(JSON.parse(output.shapeHint ?? ""));
}

/** The keys that shape demands at its top. */
export function keysOf({ output }: Body): readonly string[] {
  return z.looseObject({ required: z.array(z.string()) }).parse(JSON.parse(output?.shapeHint ?? "")).required;
}
