import type { Finder, Span } from "./spans.ts";

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/** A private key without an end is given up this far from the start of its first line. */
export const maxPemChars = 64 * 1024;
/** So many lines in a row that are none of a key say that it has ended, or never begun. */
const maxForeignLines = 3;
/** A line of a key, perhaps behind a log's prefix; also a header of one. What stands behind a mask was looked at with it. */
const keyLine = /(?:^|[^A-Za-z0-9+/=*])[A-Za-z0-9+/]{16,}={0,2}["',\\]{0,4}\s*$|^[A-Za-z-]{1,20}: [^:]*$/;
/** The same inside one line, where line breaks are escaped. */
const keyText = /[A-Za-z0-9+/]{16}/;

/** Private keys from their first marker to their last, or as far as lines look like one. */
export const findPem: Finder = (text) => {
  const spans: Span[] = [];
  if (!text.includes("PRIVATE KEY")) return spans;
  begin.lastIndex = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const lineStart = text.lastIndexOf("\n", match.index) + 1;
    const limit = Math.min(text.length, Math.max(begin.lastIndex, lineStart + maxPemChars));
    const close = Math.min(lastOfKey(text, begin.lastIndex), limit);
    // A marker alone is what programs that read keys are full of.
    if (close > begin.lastIndex) spans.push({ start: match.index, end: close });
    begin.lastIndex = close;
  }
  return spans;
};

/** Of a key that the text leaves open all that follows may be part. */
function lastOfKey(text: string, from: number): number {
  const { end: keyEnd, isClosed } = readKey(text, from);
  if (isClosed || keyEnd === from) return keyEnd;
  return text.endsWith("\n") ? text.length - 1 : text.length;
}

/** Position after the begin marker of a key that a line leaves open; null where it leaves none. */
export function opensPem(line: string): number | null {
  if (!line.includes("PRIVATE KEY")) return null;
  const last = [...line.matchAll(begin)].at(-1);
  if (last === undefined) return null;
  const after = last.index + last[0].length;
  return end.test(line.slice(after)) ? null : after;
}

/** Where a key ends whose begin marker ends at `from`; at `from` where none begins. Null: the text does not say. */
export function pemEnd(text: string, from: number): number | null {
  const { end: keyEnd, isClosed } = readKey(text, from);
  return isClosed ? keyEnd : null;
}

type Key = {
  /** Behind the end marker, or where the last line of the key ends. */
  readonly end: number;
  /** Whether the text says that the key ends there. */
  readonly isClosed: boolean;
};

function readKey(text: string, from: number): Key {
  const next = nextMarker(text, from);
  if (next !== null) return readPiece(text, from, next);
  let [lineStart, keyEnd, foreign] = [from, from, 0];
  for (;;) {
    const newline = text.indexOf("\n", lineStart);
    const lineEnd = newline < 0 ? text.length : newline;
    const line = text.slice(lineStart, lineEnd);
    const marker = end.exec(line);
    if (marker !== null) return { end: lineStart + marker.index + marker[0].length, isClosed: true };
    const isOfKey = lineStart === from ? keyText.test(line) : keyLine.test(line);
    if (isOfKey) [keyEnd, foreign] = [lineEnd, 0];
    else if (lineStart !== from) foreign += 1;
    if (newline < 0) return { end: keyEnd, isClosed: false };
    if (foreign === maxForeignLines) return { end: keyEnd, isClosed: true };
    lineStart = newline + 1;
  }
}

/** Where another marker stands in the line; each marker reads no further than to the next. */
function nextMarker(text: string, from: number): number | null {
  anyMarker.lastIndex = from;
  const found = anyMarker.exec(text);
  return found === null || found[0] === "\n" ? null : found.index;
}
const anyMarker = /\n|-----(?:BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** A key that is written in one line, up to a marker that ends it or begins the next. */
function readPiece(text: string, from: number, next: number): Key {
  endHere.lastIndex = next;
  if (endHere.test(text)) return { end: endHere.lastIndex, isClosed: true };
  return { end: keyText.test(text.slice(from, next)) ? next : from, isClosed: true };
}
const endHere = new RegExp(end.source, "y");
