import type { Automaton } from "./automaton.ts";
import { type Block, createLines } from "./lines.ts";
import { onlySeen } from "./visible.ts";
import { type Finder, type Span, mask, replaceSpans } from "./spans.ts";

/** Redacts text that arrives in pieces; the pieces' borders make no difference to what comes out. */
export type RedactingStream = {
  /** The text that is settled by now: complete lines of which no known value may still go on. */
  readonly write: (chunk: string) => string;
  /** What was held back. */
  readonly end: () => string;
};

/** Masks change what stands beside them; so many times at most is looked again. Two is what text needs. */
const maxRounds = 8;

/** Positions count from the start of the stream. */
export function createStream(automaton: Automaton, find: Finder): RedactingStream {
  const matcher = automaton.isEmpty ? automaton.matcher() : onlySeen(automaton.matcher());
  const lines = createLines();
  /** The text that has not been given out, and the position of its beginning. */
  let held = "";
  let base = 0;
  let blocks: readonly Block[] = [];
  let known: readonly Span[] = [];

  const release = (settled: number): string => {
    const origin = base;
    let out = "";
    let [blockIndex, knownIndex] = [0, 0];
    for (;;) {
      const group = nextGroup({ blocks, blockIndex, known, knownIndex, settled });
      if (group === null) break;
      const spans = known.slice(knownIndex, group.knownIndex).map((span) => shift(span, -base));
      out += redactGroup(held.slice(base - origin, group.end - origin), spans, group.isPlain);
      ({ blockIndex, knownIndex, end: base } = group);
    }
    held = held.slice(base - origin);
    blocks = blocks.slice(blockIndex);
    known = known.slice(knownIndex);
    return out;
  };

  const redactGroup = (text: string, spans: readonly Span[], isPlain: boolean): string => {
    // All on the original text and at once.
    const once = replaceSpans(text, [...spans, ...find(text)]);
    if (once === text) return text;
    return isPlain ? settleLines(once, find) : settle(once, find);
  };

  return {
    write: (chunk) => {
      held += chunk;
      known = known.concat(matcher.feed(chunk)).toSorted((a, b) => a.start - b.start);
      blocks = blocks.concat(lines.push(chunk));
      return release(matcher.settled());
    },
    end: () => {
      blocks = blocks.concat(lines.end());
      return release(base + held.length);
    },
  };
}

type Pending = {
  readonly blocks: readonly Block[];
  readonly blockIndex: number;
  /** Sorted by start. */
  readonly known: readonly Span[];
  readonly knownIndex: number;
  readonly settled: number;
};

type Group = {
  readonly end: number;
  readonly isPlain: boolean;
  /** The first block and the first known value behind the group. */
  readonly blockIndex: number;
  readonly knownIndex: number;
};

/** The next blocks that belong together because known values reach across their borders; null: not settled. */
function nextGroup({ blocks, blockIndex, known, knownIndex, settled }: Pending): Group | null {
  let next = knownIndex;
  let reach = 0;
  for (let index = blockIndex; index < blocks.length; index += 1) {
    const block = blocks[index];
    if (block === undefined || block.end > settled) return null;
    for (let span = known[next]; span !== undefined && span.start < block.end; span = known[next]) {
      reach = Math.max(reach, span.end);
      next += 1;
    }
    if (reach <= block.end) {
      const isPlain = index === blockIndex && block.isPlain;
      return { end: block.end, isPlain, blockIndex: index + 1, knownIndex: next };
    }
  }
  return null;
}

function shift({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}

/** Looks at masked text until nothing more comes of it, so that redacting it again changes nothing. */
function settle(masked: string, find: Finder): string {
  let text = masked;
  for (let round = 1; round < maxRounds; round += 1) {
    const next = replaceSpans(text, find(text));
    if (next === text) break;
    text = next;
  }
  return text;
}

/** Of independent lines only those with a mask can have changed. */
function settleLines(masked: string, find: Finder): string {
  let out = "";
  let done = 0;
  for (let at = masked.indexOf(mask); at >= 0; at = masked.indexOf(mask, done)) {
    const start = masked.lastIndexOf("\n", at) + 1;
    const newline = masked.indexOf("\n", at);
    const end = newline < 0 ? masked.length : newline + 1;
    out += masked.slice(done, start) + settle(masked.slice(start, end), find);
    done = end;
  }
  return out + masked.slice(done);
}
