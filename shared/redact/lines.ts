import { maxPemChars, opensPem, pemEnd } from "./pem.ts";
import type { Span } from "./spans.ts";

/** Units longer than this are cut, at a border between words where there is one. */
const maxUnitChars = maxPemChars;
const cutWindowChars = 8 * 1024;

/** Whole units; those of a plain block are lines, and what is a secret in one does not depend on the others. */
export type Block = Span & { readonly isPlain: boolean };

/**
 * Divides a stream into blocks of whole units. A unit is a line, with the lines after it that belong to a private key or
 * are the text of a sensitive XML tag. Where units end depends on the text alone, not on how it arrives.
 */
export type Lines = {
  /** The blocks that are complete by now. */
  readonly push: (chunk: string) => readonly Block[];
  readonly end: () => readonly Block[];
};

export function createLines(): Lines {
  /** The text from the last block's end on, and its position. */
  let rest = "";
  let base = 0;
  /** `rest` has no line break before here, or its first unit begins here. */
  let scanned = 0;

  const take = (length: number, isPlain: boolean): Block => {
    const block = { start: base, end: base + length, isPlain };
    rest = rest.slice(length);
    scanned = Math.max(0, scanned - length);
    base += length;
    return block;
  };

  const push = (chunk: string): readonly Block[] => {
    rest += chunk;
    const blocks: Block[] = [];
    let plainEnd = 0;
    for (;;) {
      const unit = nextUnit(rest, plainEnd, scanned);
      if (unit.end === null) {
        scanned = unit.scanned;
        break;
      }
      scanned = unit.end;
      if (unit.isPlain) {
        plainEnd = unit.end;
        continue;
      }
      if (plainEnd > 0) blocks.push(take(plainEnd, true));
      blocks.push(take(unit.end - plainEnd, false));
      plainEnd = 0;
    }
    if (plainEnd > 0) blocks.push(take(plainEnd, true));
    return blocks;
  };

  return {
    push,
    end: () => (rest === "" ? [] : [take(rest.length, false)]),
  };
}

type Unit =
  | { readonly end: number; readonly isPlain: boolean }
  /** Incomplete; the first line has no break before `scanned`. */
  | { readonly end: null; readonly scanned: number };

function nextUnit(text: string, start: number, scanned: number): Unit {
  const limit = start + maxUnitChars;
  const unfinished = (from: number): Unit =>
    text.length >= limit ? { end: cutOf(text, start), isPlain: false } : { end: null, scanned: from };
  let from = start;
  for (;;) {
    const newline = text.indexOf("\n", from === start ? Math.max(start, scanned) : from);
    if (newline < 0 || newline >= limit)
      return unfinished(from === start && newline < 0 ? text.length : start);
    const line = text.slice(from, newline + 1);
    const opened = opensPem(line);
    if (opened !== null) {
      const marker = pemEnd(text, from + opened);
      if (marker === null || marker >= limit) return unfinished(start);
      from = marker;
    } else if (endsInOpenTag(line)) {
      from = newline + 1;
    } else {
      return { end: newline + 1, isPlain: from === start };
    }
  }
}

function cutOf(text: string, start: number): number {
  const limit = start + maxUnitChars;
  const window = text.slice(limit - cutWindowChars, limit);
  const border = /[\s,;&|}\])>](?=[^\s,;&|}\])>]*$)/.exec(window);
  return border === null ? limit : limit - cutWindowChars + border.index + 1;
}

const openTagTail =
  /<[A-Za-z0-9_:.-]{0,60}(?:pass|secret|token|key|cred)[A-Za-z0-9_:.-]{0,60}>[ \t]{0,16}\r?\n$/i;

/** Markup whose text, a secret by the tag's name, stands on the next line. */
function endsInOpenTag(line: string): boolean {
  return openTagTail.test(line.length > 200 ? line.slice(-200) : line);
}
