import { minKnownChars } from "./known-values.ts";
import { sensitivityOf } from "./names.ts";
import { isSpelled, looksRandom } from "./randomness.ts";

/** Fields of a job body whose value is a credential. */
const credentialFields: ReadonlySet<string> = new Set(["ghToken", "sessionToken", "subscriptionToken"]);
/** Strings inside a credential that is a JSON text: shorter ones are secrets only by their key's name. */
const minLeafChars = 12;
/** A dispatch body is bounded, but not in how many nothings it holds. */
const maxNodes = 1_000_000;

/**
 * The credentials a job body carries, whether or not the body is valid: its tokens, the strings inside a token that is a
 * JSON text, and the user information of every URL in it.
 */
export function secretsOfSpec(spec: unknown): readonly string[] {
  const secrets = new Set<string>();
  for (const { key, text } of stringsIn(spec)) {
    for (const secret of userinfoIn(text)) secrets.add(secret);
    if (!credentialFields.has(key)) {
      if (sensitivityOf(key) !== "none" && text.length >= minKnownChars && !isPlainWord(text))
        secrets.add(text);
      continue;
    }
    secrets.add(text);
    for (const leaf of stringsIn(parseJson(text))) {
      if (isSecretLeaf(leaf)) secrets.add(leaf.text);
    }
  }
  secrets.delete("");
  return [...secrets];
}

type Leaf = { readonly key: string; readonly text: string };

/** Every string inside, with the key it stands under; without recursion, so that no nesting costs stack. */
function stringsIn(value: unknown): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const open: Array<readonly [key: string, value: unknown]> = [["", value]];
  for (let seen = 0; seen < maxNodes; seen += 1) {
    const next = open.pop();
    if (next === undefined) break;
    const [key, node] = next;
    if (typeof node === "string") leaves.push({ key, text: node });
    if (typeof node !== "object" || node === null) continue;
    for (const [name, child] of Object.entries(node)) open.push([Array.isArray(node) ? key : name, child]);
  }
  return leaves;
}

/** Under another name only noise: kinds, projects, hosts and addresses are no secrets and stand in many texts. */
function isSecretLeaf({ key, text }: Leaf): boolean {
  if (sensitivityOf(key) !== "none") return text.length >= minKnownChars;
  return text.length >= minLeafChars && !/^https?:\/\/|@/.test(text) && looksRandom(text) && !isSpelled(text);
}

/** `"auth": "required"`: a value of letters alone is a setting, and stands in many texts. */
function isPlainWord(text: string): boolean {
  return /^[a-z]+(?:[ _.-][a-z]+)*$/i.test(text) || /^\$\{?/.test(text);
}

function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    // No JSON text: the token as a whole is the secret.
    return null;
  }
}

/** The password, or the user where there is none, of a string that is a URL; as written and decoded. */
function userinfoIn(text: string): readonly string[] {
  const isUrl = text.length <= 4_096 && text.includes("://") && text.includes("@");
  const url = isUrl ? URL.parse(text) : null;
  if (url === null) return [];
  const part = url.password === "" ? url.username : url.password;
  return [part, decoded(part), writtenUserinfo(text)];
}

/** What stands between user and host in the text itself: `URL` re-escapes what it reads. */
function writtenUserinfo(text: string): string {
  const userinfo = /:\/\/([^/?#]*)@/.exec(text)?.[1] ?? "";
  return userinfo.slice(userinfo.indexOf(":") + 1);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
