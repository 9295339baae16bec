import { isProvider, providerMarks } from "./providers.ts";
import { wordSet } from "./words.ts";

/**
 * How much a name says that its value is a secret. `provider`: only whose it is. `login`: it holds `user:password`.
 */
export type Sensitivity = "password" | "token" | "key" | "provider" | "login" | "none";

/** Names that hold none of these say nothing. */
export const nameMarks: readonly string[] = [
  ...wordSet(`
    pass pwd pw secret token cred key auth dsn sig pat jwt sid bearer session otp webhook salt pepper mnemonic
    contrasen senha kennwort bundle_ login
  `),
  ...providerMarks,
];

const passwordWords = wordSet(`
  password passwd passphrase passcode pwd pass pw pgpass mnemonic contrasena senha kennwort
`);
const tokenWords = wordSet(`
  token secret credential credentials cred creds apikey authorization signature sig jwt dsn pat bearer sessionid
  sid session otp webhook salt pepper
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
  /^(?:value|val|string|str|raw|b64|base64|hex|prod|dev|test|staging|live|new|old|default|current|header|base|data|\d+|[a-z])$/;

/** Judges an identifier of any case convention; of a dotted path only its last part. */
export function sensitivityOf(name: string): Sensitivity {
  // What test runners print.
  if (name === "PASS") return "none";
  const own = ofWords(name);
  if (own !== "none") return own;
  // Bundler's variables for hosts: `BUNDLE_GEMS__EXAMPLE__COM=user:password`.
  if (/^BUNDLE_[A-Z0-9_]{1,60}__[A-Z0-9_]{2,20}$/.test(name)) return "login";
  return isProvider(name) ? "provider" : "none";
}

function ofWords(name: string): Sensitivity {
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
  const words: string[] = [];
  let start = name.lastIndexOf(".") + 1;
  const close = (end: number): void => {
    if (end > start) words.push(name.slice(start, end).toLowerCase());
  };
  for (let at = start; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    if (isSeparator(unit)) {
      close(at);
      start = at + 1;
    } else if (at > start && isUpper(unit) && beginsWord(name, at)) {
      close(at);
      start = at;
    }
  }
  close(name.length);
  return words;
}

/** `apiKey`, `HTTPToken`: a capital behind another begins a word where a small letter follows. */
function beginsWord(name: string, at: number): boolean {
  if (!isUpper(name.charCodeAt(at - 1))) return /[a-z0-9]/.test(name.charAt(at - 1));
  return isLower(name.charCodeAt(at + 1));
}

/** `_`, `-` and blanks. */
function isSeparator(unit: number): boolean {
  return unit === 95 || unit === 45 || unit === 32 || (unit >= 9 && unit <= 13);
}

function isUpper(unit: number): boolean {
  return unit >= 65 && unit <= 90;
}

function isLower(unit: number): boolean {
  return unit >= 97 && unit <= 122;
}

function ofWord(word: string, before: string): Sensitivity {
  if (
    passwordWords.has(word) ||
    /(?:password|passwd|passphrase|passwort|(?:store|key|db|user|admin|root)pass)$/.test(word)
  )
    return "password";
  if (tokenWords.has(word) || /(?:token|secret|apikey|credential)$/.test(word)) return "token";
  if (keyWords.has(word)) return publicKeys.has(before) ? "none" : before === "" ? "key" : "token";
  return /(?:access|secret|private|auth|license|account|master|encryption|signing)key$/.test(word)
    ? "token"
    : "none";
}
