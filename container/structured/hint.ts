import { extractJsonObject } from "./extract.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";
import { findJsonSpans } from "./json-spans.ts";
import type { Shape } from "./shape.ts";

/** More say nothing more about which of two objects is meant. */
const maxKeys = 64;

/** Reads a hint that holds a JSON Schema, or an example in JSON or a notation near to it; null for any other text. */
export function readShape(hint: string | undefined): Shape | null {
  if (hint === undefined) return null;
  const read = extractJsonObject(hint);
  const keys = read.ok ? keysOf(read.value) : notatedKeys(hint);
  return keys.length === 0 ? null : { keys: keys.slice(0, maxKeys) };
}

function keysOf(value: JsonObject): readonly string[] {
  return isSchema(value) ? requiredKeys(value) : Object.keys(value);
}

/** A bracket, a string that may be a key, a key without quotes. */
const notation = /([{[(])|([}\])])|"([^"\n]*)"(\s*:)?|(?=[A-Za-z_$])(?<=[{,;\n]\s*)([A-Za-z_$][\w$]*)\s*:/g;

/** The keys of an object written with alternatives, types or comments: `{ "verdict": "pass" | "fail" }`. */
function notatedKeys(hint: string): readonly string[] {
  const span = [...findJsonSpans(hint)].find(({ opens, isClosed }) => opens === "{" && isClosed);
  if (span === undefined) return [];
  const keys = new Set<string>();
  let depth = 0;
  for (const [, opening, closing, quoted, colon, bare] of hint
    .slice(span.start, span.end)
    .matchAll(notation)) {
    if (opening !== undefined) depth += 1;
    else if (closing !== undefined) depth -= 1;
    const key = colon === undefined ? bare : quoted;
    if (depth === 1 && key !== undefined && key !== "") keys.add(key);
  }
  return [...keys];
}

function isSchema({ type, properties, required }: JsonObject): boolean {
  return isJsonObject(properties) && (type === "object" || Array.isArray(required));
}

/** A schema that requires nothing asks for nothing. */
function requiredKeys({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? required.filter((key) => typeof key === "string") : [];
}
