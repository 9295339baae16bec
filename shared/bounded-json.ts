/**
 * JSON from outside, measured before it is walked: first its bytes, then its nesting in one flat pass, and only then the
 * parser. Whatever comes out is shallow enough for any recursive walk and carries no key that could reach a prototype.
 */

export type JsonBounds = { readonly maxBytes: number; readonly maxDepth: number };

export type BoundedJson =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: "body-too-large" | "too-deep" | "forbidden-key" | "invalid-json";
      readonly error: string;
    };

/** Parses UTF-8 JSON within bounds. `invalid-json` keeps the engine's own message, which clients show to people. */
export function parseBoundedJson(bytes: Uint8Array, { maxBytes, maxDepth }: JsonBounds): BoundedJson {
  if (bytes.byteLength > maxBytes) {
    return {
      ok: false,
      code: "body-too-large",
      error: `the body has ${bytes.byteLength} bytes; at most ${maxBytes} are read`,
    };
  }
  const depth = scanDepth(bytes);
  if (depth > maxDepth) {
    return {
      ok: false,
      code: "too-deep",
      error: `the body nests ${depth} levels deep; at most ${maxDepth} are read`,
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return { ok: false, code: "invalid-json", error: error instanceof Error ? error.message : String(error) };
  }
  const key = forbiddenKeyIn(value);
  if (key !== null) return { ok: false, code: "forbidden-key", error: `the key '${key}' is not accepted` };
  return { ok: true, value };
}

/**
 * How many brackets and braces are open at once, at most; those inside strings do not count. One pass, no recursion, no
 * allocation. For well-formed JSON it is the exact depth: 0 for a bare value, 1 for `[]`.
 */
export function scanDepth(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (inString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && depth > 0) depth -= 1;
  }
  return deepest;
}

// Bytes of a multi-byte UTF-8 character are all 0x80 and above, so these are never a part of one.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const FORBIDDEN = ["__proto__", "constructor"] as const;

/** `JSON.parse` makes both names ordinary own keys; a later copy or merge of the object would not. */
function forbiddenKeyIn(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) {
    for (const key of FORBIDDEN) if (Object.hasOwn(value, key)) return key;
  }
  for (const child of Object.values(value)) {
    const found = forbiddenKeyIn(child);
    if (found !== null) return found;
  }
  return null;
}
