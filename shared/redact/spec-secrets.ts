/** Fields of a job body whose value is a credential. */
const credentialFields = ["ghToken", "sessionToken", "subscriptionToken"] as const;
/** Strings of a credential that is a JSON text shorter than this are types and names. */
const minLeafChars = 12;
/** A credential's text is bounded by the dispatch; its structure is walked no further than this. */
const maxNodes = 20_000;

/**
 * The credentials a job body carries, whether or not the body is valid: tokens, the string leaves of a token that is a
 * JSON text, and the user information of URLs anywhere in it.
 */
export function secretsOfSpec(spec: unknown): readonly string[] {
  const secrets = new Set<string>();
  const isObject = typeof spec === "object" && spec !== null;
  for (const field of credentialFields) {
    const value: unknown = isObject ? Object.getOwnPropertyDescriptor(spec, field)?.value : undefined;
    if (typeof value !== "string" || value === "") continue;
    secrets.add(value);
    for (const leaf of stringsIn(parseJson(value))) {
      if (leaf.length >= minLeafChars && !/\s/.test(leaf.trim()) === !leaf.includes("-----"))
        secrets.add(leaf);
    }
  }
  for (const text of stringsIn(spec)) {
    for (const secret of userinfoIn(text)) secrets.add(secret);
  }
  return [...secrets];
}

/** Every string value inside, without recursion: a hostile nesting costs no stack. */
function stringsIn(value: unknown): readonly string[] {
  const strings: string[] = [];
  const open: unknown[] = [value];
  for (let seen = 0; open.length > 0 && seen < maxNodes; seen += 1) {
    const next = open.pop();
    if (typeof next === "string") strings.push(next);
    else if (typeof next === "object" && next !== null) open.push(...Object.values(next));
  }
  return strings;
}

function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Not a JSON text: the token as a whole is the secret.
    return null;
  }
}

/** Password, and user where it is the token, of a string that is a URL; as written and decoded. */
function userinfoIn(text: string): readonly string[] {
  const url = text.length <= 4_096 && text.includes("://") && text.includes("@") ? URL.parse(text) : null;
  if (url === null) return [];
  const parts = url.password === "" ? [url.username] : [url.password, `${url.username}:${url.password}`];
  return parts.flatMap((part) => (part === "" ? [] : [part, decoded(part)]));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
