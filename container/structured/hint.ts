import { extractJsonObject } from "./extract.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";
import type { Shape } from "./shape.ts";

/** More say nothing more about which of two objects is meant. */
const maxKeys = 64;

/** Reads a hint that holds a JSON Schema or a JSON example; null for any other text. */
export function readShape(hint: string | undefined): Shape | null {
  if (hint === undefined) return null;
  const read = extractJsonObject(hint);
  if (!read.ok) return null;
  const keys = isSchema(read.value) ? requiredKeys(read.value) : Object.keys(read.value);
  return keys.length === 0 ? null : { keys: keys.slice(0, maxKeys) };
}

function isSchema({ type, properties, required }: JsonObject): boolean {
  return isJsonObject(properties) && (type === "object" || Array.isArray(required));
}

/** A schema that requires nothing asks for nothing. */
function requiredKeys({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? required.filter((key) => typeof key === "string") : [];
}
