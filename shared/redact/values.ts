import type { Sensitivity } from "./names.ts";
import { wordSet } from "./words.ts";

/** Words that stand where a secret would, and are none. */
const placeholderWords = wordSet(`
  true false null undefined none nil string number boolean object any unknown include omit same-origin
  required optional bearer basic password secret token key example test redacted hidden masked
  changeme change-me placeholder default value current-password new-password text varchar not never
  inherit auto yes no on off missing expired invalid unset empty write read admin user username env
  your
`);

/** A value that stands for one: masked already, a template, a variable, a type, a word of documentation. */
export function isPlaceholder(value: string): boolean {
  if (/^[*xX.•_#?-]+$/.test(value) || placeholderWords.has(value.toLowerCase())) return true;
  if (/^(?:\$|<|\{\{|\{|\[|%[({]|%[sdv]\b|!|@|&|\|)/.test(value)) return true;
  if (/\$\{|\$\(|\{\{|\}\}|<[A-Za-z_ -]{1,40}>$|xxxx|XXXX|\*\*\*\*\*/.test(value)) return true;
  return /^(?:your|insert|enter|replace)[-_ ]/i.test(value);
}

/** An expression of a program, a path, a URL: something that leads to a value. */
export function isCode(value: string): boolean {
  if (/^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*|\[[^\]]{0,60}\])+[!;,)]*$/.test(value))
    return !looksDense(value);
  if (/^[\w$.?]{1,80}[[(]|^(?:await|new|typeof|function|async|return)\b|=>|\(\)/.test(value)) return true;
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(value)) return true;
  return /^(?:\.{0,2}|~|[A-Za-z]:)[/\\][\w.@/\\-]*$/.test(value) && !looksDense(value);
}

/** Letters and digits so mixed that nobody wrote it as a word or a number. */
export function looksRandom(value: string): boolean {
  if (value.length < 8 || isPlaceholder(value) || isCode(value)) return false;
  if (/^[0-9.,:_-]+$/.test(value)) return /^\d{12,}$/.test(value);
  return looksDense(value) || hasMixedWord(value);
}

/** At least one long part without vowels' rhythm: digits and letters interleaved, or cases. */
function looksDense(value: string): boolean {
  const parts = value.split(/[^A-Za-z0-9]+/);
  return parts.some((part) => part.length >= 16 && switches(part) >= part.length / 6 && !isCamelWords(part));
}

/** Letters only, in humps as long as words are. */
function isCamelWords(part: string): boolean {
  const humps = part
    .replaceAll(/[A-Z]+/g, " ")
    .trim()
    .split(" ").length;
  return /^[A-Za-z]+$/.test(part) && part.length / humps >= 4;
}

function hasMixedWord(value: string): boolean {
  const letters = /[A-Za-z]/.test(value);
  const digits = value.replaceAll(/[^0-9]/g, "").length;
  return letters && digits >= 1 && switches(value) >= (digits === 1 ? 6 : 3);
}

/** How often the kind of character changes. */
function switches(text: string): number {
  let count = 0;
  let last = "";
  for (const char of text.slice(0, 200)) {
    const kind =
      char >= "0" && char <= "9"
        ? "9"
        : char >= "a" && char <= "z"
          ? "a"
          : char >= "A" && char <= "Z"
            ? "A"
            : "_";
    if (kind !== last) count += 1;
    last = kind;
  }
  return count - 1;
}

/** How a value is written: what is quoted is a literal; `NAME=value` without spaces is an environment's line. */
export type Writing = "quoted" | "environment" | "bare";

/** Whether the value of a name of this sensitivity is a secret. */
export function isSecretValue(value: string, sensitivity: Sensitivity, writing: Writing): boolean {
  if (sensitivity === "none" || value.length < 4 || isPlaceholder(value)) return false;
  if (writing !== "quoted" && isCode(value)) return false;
  switch (sensitivity) {
    case "password":
      return isPassword(value, writing);
    case "token":
      return looksRandom(value) || (value.length >= 16 && !/\s/.test(value) && looksUnspoken(value));
    case "key":
      return looksRandom(value) && value.length >= 16;
  }
}

function isPassword(value: string, writing: Writing): boolean {
  if (writing === "bare") return /[^A-Za-z_.,;:)]/.test(value) && !/^\d{1,5}$/.test(value) && !isCode(value);
  return !/^[\w.]+\(|^\/[\w/.-]*$/.test(value);
}

/** Long and not made of words: no separators that words have, no humps of their length. */
function looksUnspoken(value: string): boolean {
  return !isCode(value) && (/[0-9+/=]/.test(value) || !/[-_ .:]/.test(value)) && !isCamelWords(value);
}
