import { isWords, kindOf } from "./spelling.ts";

/** Letters and digits so mixed that nobody wrote it as a word or a number; of a sentence, that any word of it is so. */
export function looksRandom(value: string): boolean {
  if (value.length < 8) return false;
  if (!/\s/.test(value)) return isRandomWord(value);
  return value.split(/\s+/).some((word) => word.length >= 8 && isRandomWord(word));
}

function isRandomWord(word: string): boolean {
  if (/^[0-9.,:_-]+$/.test(word)) return /^\d{12,}$/.test(word);
  return looksDense(word) || hasMixedWord(word);
}

/** At least one long part without vowels' rhythm: digits and letters interleaved, or cases. */
export function looksDense(value: string): boolean {
  const parts = value.split(/[^A-Za-z0-9]+/);
  return parts.some((part) => part.length >= 16 && switches(part) >= part.length / 6 && !isWords(part));
}

/** Longer than any name of anything. */
const maxSpelledChars = 80;

/** Whether everything between separators is words or short numbers: `source-map/sharedData`, `claude-opus-4-8`. */
export function isSpelled(value: string): boolean {
  return (
    value.length <= maxSpelledChars &&
    value.split(/[^A-Za-z0-9]+/).every((part) => part.length <= 4 || /^\d{1,4}$/.test(part) || isWords(part))
  );
}

function hasMixedWord(value: string): boolean {
  const letters = /[A-Za-z]/.test(value);
  const digits = value.replaceAll(/[^0-9]/g, "").length;
  return letters && digits >= 1 && switches(value) >= (digits === 1 ? 6 : 3);
}

/** How often the kind of character changes. */
function switches(text: string): number {
  let count = 0;
  let last = 0;
  const length = Math.min(text.length, 200);
  for (let at = 0; at < length; at += 1) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind !== last && at > 0) count += 1;
    last = kind;
  }
  return count;
}
