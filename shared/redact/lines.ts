import { createContinues, type Continues } from "./continued.ts";
import { maxPemChars, opensPem, pemEnd } from "./pem.ts";
import type { Span } from "./spans.ts";

/** Units longer than this are cut, at a border between words where there is one. */
const maxUnitChars = maxPemChars;
const cutWindowChars = 8 * 1024;
/** `<credentials>`, `<password>` and so on, before a value comes. */
const maxAwaited = 8;

/** Whole units; those of a plain block are lines, and what is a secret in one does not depend on the others. */
export type Block = Span & { readonly isPlain: boolean };

/**
 * Divides a stream into blocks of whole units. A unit is a line, with the lines after it that belong to a private key or
 * hold the value of a name it ends with. Where units end depends on the text alone, not on how it arrives.
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

  const push = (chunk: string): readonly Block[] => {
    rest += chunk;
    // Nothing ends without a line break or at the limit: pieces of a line cost nothing until then.
    if (rest.length < maxUnitChars && !chunk.includes("\n")) return [];
    const blocks: Block[] = [];
    const continues = createContinues(rest);
    /** Where the last block ends, and the last of the plain lines behind it. */
    let [blockEnd, plainEnd] = [0, 0];
    const close = (end: number, isPlain: boolean): void => {
      if (end > blockEnd) blocks.push({ start: base + blockEnd, end: base + end, isPlain });
      blockEnd = end;
    };
    for (;;) {
      const unit = nextUnit(rest, { start: plainEnd, scanned, continues });
      scanned = unit.end ?? unit.scanned;
      if (unit.end === null) break;
      if (!unit.isPlain) {
        close(plainEnd, true);
        close(unit.end, false);
      }
      plainEnd = unit.end;
    }
    close(plainEnd, true);
    rest = rest.slice(blockEnd);
    scanned -= blockEnd;
    base += blockEnd;
    return blocks;
  };

  return {
    push,
    end: () => (rest === "" ? [] : [{ start: base, end: base + rest.length, isPlain: false }]),
  };
}

type Unit =
  | { readonly end: number; readonly isPlain: boolean }
  /** Incomplete; the first line has no break before `scanned`. */
  | { readonly end: null; readonly scanned: number };

type Place = { readonly start: number; readonly scanned: number; readonly continues: Continues };

function nextUnit(text: string, { start, scanned, continues }: Place): Unit {
  const limit = start + maxUnitChars;
  const unfinished = (from: number): Unit =>
    text.length >= limit ? { end: cutOf(text, start), isPlain: false } : { end: null, scanned: from };
  let from = start;
  for (let awaited = 0; ;) {
    const newline = text.indexOf("\n", from === start ? Math.max(start, scanned) : from);
    if (newline < 0 || newline >= limit)
      return unfinished(from === start && newline < 0 ? text.length : start);
    const how = continues(from, newline + 1);
    if (how === "no" || awaited === maxAwaited) return { end: newline + 1, isPlain: from === start };
    const opened = how === "key" ? opensPem(text.slice(from, newline + 1)) : null;
    if (opened === null) {
      awaited += 1;
      from = newline + 1;
      continue;
    }
    const marker = pemEnd(text, from + opened);
    if (marker === null || marker >= limit) return unfinished(start);
    from = marker;
  }
}

function cutOf(text: string, start: number): number {
  const limit = start + maxUnitChars;
  const window = text.slice(limit - cutWindowChars, limit);
  const border = /[\s,;&|}\])>](?=[^\s,;&|}\])>]*$)/.exec(window);
  return border === null ? limit : limit - cutWindowChars + border.index + 1;
}
