/** Files and standard input that a command line names. */
import { readFile } from "node:fs/promises";
import { parse as parseYaml } from "yaml";
import { parseJson } from "../shared/json.ts";
import { isFields } from "./dispatch-body.ts";
import { misuse, unusable } from "./exit-code.ts";
import type { Io } from "./system.ts";

/** The text of a file, or of standard input for `-`. */
export async function readText(path: string, io: Pick<Io, "stdin">): Promise<string> {
  try {
    return path === "-" ? await readAll(io.stdin) : await readFile(path, "utf8");
  } catch (error) {
    throw unusable(path, "read", error);
  }
}

/** A value that begins with `@` stands in the file of that name. */
export function readValue(value: string | undefined, io: Pick<Io, "stdin">): Promise<string | undefined> {
  if (value === undefined || !value.startsWith("@")) return Promise.resolve(value);
  return readText(value.slice(1), io);
}

/** JSON, or YAML, which says more about what is wrong with it. */
export function parseFields(text: string, path: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text) ?? fromYaml(text, path);
  if (!isFields(value)) throw misuse(`${path} holds no fields`);
  return value;
}

function fromYaml(text: string, path: string): unknown {
  try {
    // Core schema: no dates, no custom tags; keys are texts.
    return parseYaml(text, { schema: "core", stringKeys: true, maxAliasCount: 100 });
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw misuse(`${path} is neither JSON nor YAML: ${sentence}`);
  }
}

async function readAll(stdin: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString("utf8");
}
