import type { Finder, Span } from "./spans.ts";

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** A private key without an end is given up this far from the start of its first line. */
export const maxPemChars = 64 * 1024;

/** Private keys from their first marker to their last, or as far as a key may reach. */
export const findPem: Finder = (text) => {
  const spans: Span[] = [];
  begin.lastIndex = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const lineStart = text.lastIndexOf("\n", match.index) + 1;
    const limit = Math.min(text.length, Math.max(begin.lastIndex, lineStart + maxPemChars));
    const close = Math.min(pemEnd(text, begin.lastIndex) ?? limit, limit);
    spans.push({ start: match.index, end: close });
    begin.lastIndex = close;
  }
  return spans;
};

/** Position after the begin marker of a key that a line leaves open; null where it leaves none. */
export function opensPem(line: string): number | null {
  if (!line.includes("PRIVATE KEY")) return null;
  const last = [...line.matchAll(begin)].at(-1);
  if (last === undefined) return null;
  const after = last.index + last[0].length;
  return pemEnd(line, after) === null ? after : null;
}

/** Position after the first end marker from `from` on. */
export function pemEnd(text: string, from: number): number | null {
  end.lastIndex = from;
  return end.test(text) ? end.lastIndex : null;
}
