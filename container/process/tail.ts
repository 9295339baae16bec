import { createLineSplitter } from "./line-splitter.ts";

export type Tail = {
  readonly write: (chunk: Uint8Array) => void;
  /** The last lines so far, unredacted, oldest first. */
  readonly lines: () => readonly string[];
};

/** Enough for the reason of a failure; together bounded at about 160 KiB. */
const maxLines = 40;
const maxLineBytes = 4096;

/** Remembers the last lines of a stream and hands each one on; its memory does not grow with the stream. */
export function createTail(onLine?: (line: string) => void): Tail & { readonly end: () => void } {
  const lines: string[] = [];
  const add = (line: string): void => {
    if (lines.length === maxLines) lines.shift();
    lines.push(line);
    onLine?.(line);
  };
  const splitter = createLineSplitter({
    maxLineBytes,
    onLine: add,
    onOverlong: (head, bytes) => add(`${wholeWords(head)}… (${bytes} bytes in this line)`),
  });
  return { write: splitter.write, end: splitter.end, lines: () => [...lines] };
}

/** Without the word the cut went through: half a secret is not recognised by a redactor. */
function wholeWords(head: string): string {
  const end = Math.max(head.lastIndexOf(" "), head.lastIndexOf("\t"));
  return head.slice(0, end + 1);
}
