/** The one JSON object in a model's reply. */

import { Limits } from "../../shared/limits.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";
import { type JsonSpan, findJsonSpans } from "./json-spans.ts";
import { type Shape, missingKeys } from "./shape.ts";

export type Extracted =
  | { readonly ok: true; readonly value: JsonObject; readonly missing: readonly string[] }
  /** A phrase that goes on after "the reply". */
  | { readonly ok: false; readonly reason: string };

/** A result travels as `custom` of a result of a terminal of a beat. */
const maxDepth = Limits.nestingDepth - 3;

/**
 * Takes the JSON object out of a reply: prose and code fences round it are passed over, and what stands inside another
 * object or array is no object of its own. Of several the one wins that lacks the fewest keys of the shape, then one
 * that is not empty, then the last: a model corrects itself downwards. Keys that reach a prototype are left out.
 * Linear in the text.
 */
export function extractJsonObject(text: string, shape: Shape | null = null): Extracted {
  if (text.trim() === "") return { ok: false, reason: "is empty" };
  if (isBareValue(text)) return { ok: false, reason: "is a bare value, not an object" };
  let best: Candidate | null = null;
  let refused: string | null = null;
  for (const span of findJsonSpans(text)) {
    const read = readObject(text, span);
    if (!read.ok) {
      refused = read.reason;
      continue;
    }
    const candidate = toCandidate(read.value, shape);
    if (best === null || !isBetter(best, candidate)) best = candidate;
  }
  if (best !== null) return { ok: true, value: withoutPrototypeKeys(best.value), missing: best.missing };
  return { ok: false, reason: refused ?? "has no JSON object" };
}

type Candidate = {
  readonly value: JsonObject;
  readonly missing: readonly string[];
  readonly isEmpty: boolean;
};

type Read =
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly reason: string };

function readObject(text: string, { opens, start, end, isClosed, depth }: JsonSpan): Read {
  if (opens === "[") return { ok: false, reason: "has an array, not an object" };
  if (!isClosed) return { ok: false, reason: "has a JSON object that is not closed" };
  if (depth > maxDepth) return { ok: false, reason: `has an object of more than ${maxDepth} levels` };
  try {
    const value: unknown = JSON.parse(text.slice(start, end));
    return isJsonObject(value) ? { ok: true, value } : { ok: false, reason: "has no JSON object" };
  } catch (error) {
    // the engine quotes what it stumbled over, at most a few characters of it
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `has an object that is not valid JSON (${why})` };
  }
}

function toCandidate(value: JsonObject, shape: Shape | null): Candidate {
  return { value, missing: missingKeys(shape, value), isEmpty: Object.keys(value).length === 0 };
}

function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.missing.length !== other.missing.length) return one.missing.length < other.missing.length;
  return !one.isEmpty && other.isEmpty;
}

/** A whole reply that is one JSON value without brackets; a string may hold what looks like an object. */
function isBareValue(text: string): boolean {
  const trimmed = text.trim();
  if (!/^["\dtfn-]/.test(trimmed)) return false;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false; // prose that begins like a value
  }
}

/** Both are refused on the wire; a later copy or merge of the object would act on them. */
const prototypeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor"]);

/** The depth has been bounded. */
function withoutPrototypeKeys(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !prototypeKeys.has(key))
      .map(([key, item]) => [key, withoutKeysInside(item)]),
  );
}

function withoutKeysInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeysInside);
  return isJsonObject(value) ? withoutPrototypeKeys(value) : value;
}
