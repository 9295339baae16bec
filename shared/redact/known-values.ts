import { jsonForms, percentForms, quotedForms, rareJsonForms, xmlForms } from "./escapes.ts";
import { looksRandom } from "./randomness.ts";

/** Every written form of a secret value that tools commonly produce. */

/** Shorter values occur in ordinary text by chance. */
export const minKnownChars = 6;
/** Of a multi-line value each line this long is a secret of its own: logs print them one by one. */
const minLineChars = 16;

/**
 * Of all needles together. What looks for them costs some hundred bytes for each of their characters, in an isolate of
 * 128 MB; the plain forms of all values come first, then the encodings that tools use most.
 */
const maxNeedleChars = 200_000;
/** Of a longer value its beginning is looked for: enough to tell it from any other text. */
const maxPlainChars = 20_000;

/** The texts to look for, each once; `***` at their ends is left to the mask. */
export function needlesOf(secrets: readonly string[]): readonly string[] {
  const whole = secrets.flatMap((secret) => [secret, secret.trim(), ...longLines(secret)]);
  const values = [...new Set(whole.map((value) => value.slice(0, maxPlainChars)))]
    .filter((value) => value.length >= minKnownChars)
    .toSorted((a, b) => a.length - b.length);
  const needles = new Set<string>();
  let room = maxNeedleChars;
  for (const formsOf of formsByWeight) {
    for (const value of values) {
      // The longest encoding of a character has six; a form that cannot fit is not made.
      if (value.length > room) break;
      for (const form of formsOf(value)) {
        const needle = form.replace(/^\*+|\*+$/g, "");
        if (needle.length < minKnownChars || needle.length > room || needles.has(needle)) continue;
        needles.add(needle);
        room -= needle.length;
      }
    }
  }
  return [...needles];
}

/** User names under which git carries a token in a basic credential. */
const gitUsers = ["x-access-token:", "oauth2:"] as const;

function longLines(secret: string): readonly string[] {
  if (!secret.includes("\n")) return [];
  return secret.split(/\r?\n/).filter((line) => line.length >= minLineChars);
}

const formsByWeight: ReadonlyArray<(value: string) => readonly string[]> = [
  (value) => [value],
  (value) => base64Forms(utf8(value)),
  (value) => gitUsers.flatMap((user) => base64Forms(utf8(user + value), user.length)),
  jsonForms,
  percentForms,
  (value) => hexForms(utf8(value)),
  xmlForms,
  quotedForms,
  rareJsonForms,
  cutForms,
];

/** A cut is recognised at every eighth character, and by what it leaves: shorter pieces occur in other texts. */
const cutStep = 8;
const minCutChars = 16;
const maxWholeChars = 200;

/** The value without its beginning or its end, as a log that was cut shows it. */
function cutForms(value: string): readonly string[] {
  if (value.length > maxWholeChars || /[\s"{}<>]/.test(value)) return [];
  const forms: string[] = [];
  for (let cut = cutStep; value.length - cut >= minCutChars; cut += cutStep) {
    forms.push(value.slice(cut), value.slice(0, -cut));
  }
  return forms.filter((form) => looksRandom(form));
}

function hexForms(bytes: Uint8Array): readonly string[] {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex, hex.toUpperCase()];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Base64 of the bytes inside any longer text: at each of the three alignments, without the characters at both ends that
 * depend on the neighbours; and the base64 of the bytes alone. `skip` leading bytes are context that need not be masked.
 */
function base64Forms(bytes: Uint8Array, skip = 0): readonly string[] {
  const inner = [0, 1, 2].map((shift) => {
    const padded = new Uint8Array(shift + bytes.length);
    padded.set(bytes, shift);
    const head = Math.ceil(((shift + skip) * 8) / 6);
    const tail = Math.floor((padded.length * 8) / 6);
    return toBase64(padded).slice(head, tail);
  });
  const whole = toBase64(bytes);
  return [...inner, whole, whole.replace(/=+$/, "")].flatMap((form) => [
    form,
    form.replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
