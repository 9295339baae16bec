import { wordSet } from "./words.ts";

/** How much a name says that its value is a secret. */
export type Sensitivity = "password" | "token" | "key" | "none";

const passwordWords = new Set([
  "password",
  "passwd",
  "passphrase",
  "passcode",
  "pwd",
  "pass",
  "pw",
  "pgpass",
]);
const tokenWords = wordSet(`
  token secret credential credentials cred creds apikey authorization signature sig jwt dsn pat bearer sessionid
  sid session otp webhook
`);
const keyWords = new Set(["key", "auth", "keys"]);
/** What stands before `key` in names of things that everybody may know. */
const publicKeys = wordSet(`
  primary foreign public cache sort partition row composite unique routing object hot short
  translation i18n map dict group bucket singleton idempotency dedupe lock index lookup query color
  pub tab registry storage restore host known
`);
/** What stands behind a sensitive word where the name is about the secret and does not hold it. */
const aboutWords = wordSet(`
  name names id ids type types ttl url uri endpoint path file dir prefix suffix length len size count
  limit max min expiry expires expiration at age seconds ms hash label title hint placeholder field
  column ref reference version format policy algorithm alg provider manager store handler factory
  schema validator pattern index usage source required enabled status error code kind scope scopes
  issuer audience budget used env variable var docs help mode
`);
/** Words that add nothing: `token_prod`, `keyValue`, `secret2`. */
const fillers =
  /^(?:value|val|string|str|raw|b64|base64|hex|prod|dev|test|staging|live|new|old|default|current|header|\d+|[a-z])$/;

/** Judges an identifier of any case convention; of a dotted path only its last part. */
export function sensitivityOf(name: string): Sensitivity {
  const words = wordsOf(name);
  while (words.length > 1 && fillers.test(words.at(-1) ?? "")) words.pop();
  const last = words.at(-1) ?? "";
  const before = words.at(-2) ?? "";
  const own = ofWord(last, before);
  if (own !== "none" || aboutWords.has(last)) return own;
  // `TOKEN_GITHUB`, `SECRET_B`: constants name the kind first.
  return name === name.toUpperCase() && words.length === 2 ? ofWord(before, "") : "none";
}

function wordsOf(name: string): string[] {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const spaced = last.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return spaced
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== "");
}

function ofWord(word: string, before: string): Sensitivity {
  if (passwordWords.has(word) || /(?:password|passwd|passphrase|passwort)$/.test(word)) return "password";
  if (tokenWords.has(word) || /(?:token|secret|apikey|credential)$/.test(word)) return "token";
  if (keyWords.has(word)) return publicKeys.has(before) ? "none" : before === "" ? "key" : "token";
  return /(?:access|secret|private|auth|license|account|master|encryption|signing)key$/.test(word)
    ? "token"
    : "none";
}
