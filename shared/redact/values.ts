import type { Sensitivity } from "./names.ts";
import { isCode, isPlaceholder } from "./placeholders.ts";
import { isSpelled, looksRandom } from "./randomness.ts";

/**
 * How a value is written: what is quoted is a literal; `NAME=value` without spaces is an environment's line; `name: value`
 * may have a line of its own; what is spoken stands in a sentence, or only near its name.
 */
export type Writing = "quoted" | "environment" | "line" | "bare" | "spoken";

/** Whether a value could be a secret under any name. */
export function mayBeSecret(value: string, writing: Writing): boolean {
  if (value.length < (writing === "environment" ? 3 : 4)) return false;
  if (writing === "quoted") return !isPlaceholder(value);
  // The end of a call or of a list belongs to the program round the value.
  const core = /[),;:\]}]$/.test(value) ? value.replace(/[),;:\]}]+$/, "") : value;
  if (isPlaceholder(core) || isCode(value) || isVariable(value, core)) return false;
  return writing !== "spoken" || looksRandom(core);
}

/** `f(password=primary_password)`: a name that is handed on, or that says what it holds; `password: Uint8Array`. */
function isVariable(value: string, core: string): boolean {
  if (/^(?:Big)?(?:Ui|I)nt\d{1,2}(?:Clamped)?Array$/.test(core)) return true;
  if (!/^[A-Za-z_][A-Za-z_.]*$/.test(core)) return false;
  return core !== value || (/^(?:[a-z]+_)+[a-z]+$/.test(core) && /pass|pwd|secret|token|key/.test(core));
}

/** Whether a value that may be a secret is one under a name of this sensitivity. */
export function isSecretValue(value: string, sensitivity: Sensitivity, writing: Writing): boolean {
  switch (sensitivity) {
    case "none":
      return false;
    case "password":
      return isPassword(value, writing);
    case "token":
      return isNoise(value, writing) || looksUnspoken(value);
    case "key":
      return (value.length >= 16 && isNoise(value, writing)) || isEncodedLogin(value);
    case "provider":
      return (uuid.test(value) || isRun(value)) && !isChecksum(value, writing);
    case "login":
      return /^[^\s:/]{3,}:[^\s:/]{3,}$/.test(value);
  }
}

function isPassword(value: string, writing: Writing): boolean {
  if (writing === "quoted" || writing === "environment")
    return !/^[\w.]+\(|^\/[\w/.-]*$|^[\w.-]+(?:\/[\w.-]+){2,}$/.test(value);
  return /[^A-Za-z_.,;:)]/.test(value) && !/^\d{1,5}$/.test(value) && !isCode(value);
}

/** An unquoted value made of words is the name of something: `SIGNATURE_HMAC_SHA1`, `Ed25519PrivateKey`. */
function isNoise(value: string, writing: Writing): boolean {
  return looksRandom(value) && (writing === "quoted" || !isSpelled(value));
}

/** One long run of noise: names of providers stand beside names of models, sentences and versions. */
function isRun(value: string): boolean {
  return /^[\w+/=-]{14,}$/.test(value) && looksRandom(value) && !isSpelled(value);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Long and not made of words: no separators that words have, digits elsewhere than at the end. */
function looksUnspoken(value: string): boolean {
  if (/\s/.test(value) || isCode(value) || isSpelled(value)) return false;
  if (value.length < 16) return value.length >= 12 && mixed.test(value) && /[A-Za-z]/.test(value);
  return /[0-9+/=]/.test(value) || !/[-_ .:]/.test(value);
}
const mixed = /^(?![A-Za-z]+\d*$)[A-Za-z0-9]+$/;

/** A lock file's line: `Sentry: 0c1b…`. */
function isChecksum(value: string, writing: Writing): boolean {
  return writing !== "quoted" && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}

/** `user:password` in base64, as `auth` of a Docker login has it. */
function isEncodedLogin(value: string): boolean {
  if (
    value.length > 400 ||
    !/^(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
  )
    return false;
  return /^[\x21-\x7e]{1,100}:[\x20-\x7e]+$/.test(atob(value));
}
