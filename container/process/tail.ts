import { EDGE_CHARS } from "../redact-head.ts";
import { createLineSplitter } from "./line-splitter.ts";

export type Tail = {
  readonly write: (chunk: Uint8Array) => void;
  /** The last lines so far, oldest first; unredacted but for those that were cut. */
  readonly lines: () => readonly string[];
};

/** Enough for the reason of a failure; together bounded at about 160 KiB. */
const maxLines = 40;
const maxLineBytes = 4096;

export type TailOptions = {
  readonly onLine?: ((line: string) => void) | undefined;
  /** For a line that is too long, before it is cut: a value with blanks in it lies on both sides of any cut. */
  readonly redact?: ((text: string) => string) | undefined;
};

/** Remembers the last lines of a stream and hands each one on; its memory does not grow with the stream. */
export function createTail({ onLine, redact }: TailOptions = {}): Tail & { readonly end: () => void } {
  const lines: string[] = [];
  const add = (line: string): void => {
    if (lines.length === maxLines) lines.shift();
    lines.push(line);
    onLine?.(line);
  };
  const splitter = createLineSplitter({
    maxLineBytes,
    headBytes: redact === undefined ? maxLineBytes : maxLineBytes + EDGE_CHARS,
    onLine: add,
    onOverlong: (head, bytes) => add(`${beginning(head, bytes, redact)}… (${bytes} bytes in this line)`),
  });
  return { write: splitter.write, end: splitter.end, lines: () => [...lines] };
}

function beginning(head: string, bytes: number, redact: TailOptions["redact"]): string {
  if (redact === undefined) return wholeWords(head);
  const redacted = redact(head);
  const isWhole = Buffer.byteLength(head) >= bytes;
  // what stands at the edge may be half a secret, which has no shape
  const safe = isWhole ? redacted : redacted.slice(0, -EDGE_CHARS);
  return safe.slice(0, maxLineBytes).toWellFormed();
}

/** Without the word the cut went through: half a secret is not recognised by a redactor. */
function wholeWords(head: string): string {
  const end = Math.max(head.lastIndexOf(" "), head.lastIndexOf("\t"));
  return head.slice(0, end + 1);
}
