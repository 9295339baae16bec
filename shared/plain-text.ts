/** Text of agents and repositories as people may be shown it: nothing in it steers a terminal or turns a line round. */

/**
 * Sequences of a terminal: those with a string and its end (title, hyperlink, device control), control sequences, and the
 * short ones; each also with its one-byte opening. A string without an end loses its opening only.
 */
const sequences =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-~]/g;

/** Controls save tab and line feed; marks that reorder text; tag characters, which nobody sees; halves of a pair. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const invisible = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\p{Bidi_Control}\u{E0000}-\u{E007F}\p{Cs}]/gu;

/** Keeps line breaks and tabs. */
export function toPlainText(text: string): string {
  return text
    .replace(sequences, "")
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(invisible, "");
}

/** On one line, its runs of white space as single spaces. */
export function toPlainLine(text: string, maxChars = Number.POSITIVE_INFINITY): string {
  const line = toPlainText(text).replaceAll(/\s+/gu, " ").trim();
  if (line.length <= maxChars) return line;
  // Not between the halves of a pair.
  return `${line.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, "")} …`;
}

/** JSON that is safe to print: what `JSON.stringify` leaves as it is and a terminal would obey is escaped. */
export function toPlainJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replaceAll(/[\u007F-\u009F\u2028\u2029\p{Bidi_Control}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
