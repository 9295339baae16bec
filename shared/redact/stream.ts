import type { Automaton } from "./automaton.ts";
import { type Block, createLines } from "./lines.ts";
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
  const matcher = automaton.matcher();
  const lines = createLines();
  /** The text that has not been given out, and the position of its beginning. */
  let held = "";
  let base = 0;
  let blocks: readonly Block[] = [];
  let known: readonly Span[] = [];

  const release = (settled: number): string => {
    let out = "";
    for (
      let count = groupSize(blocks, known, settled);
      count > 0;
      count = groupSize(blocks, known, settled)
    ) {
      const end = blocks[count - 1]?.end ?? base;
      const isPlain = count === 1 && blocks[0]?.isPlain === true;
      const inside = known.filter((span) => span.start < end);
      const spans = inside.map(({ start, end }) => ({ start: start - base, end: end - base }));
      const text = held.slice(0, end - base);
      // All on the original text and at once.
      const once = replaceSpans(text, [...spans, ...find(text)]);
      out += once === text ? text : isPlain ? settleLines(once, find) : settle(once, find);
      known = known.slice(inside.length);
      blocks = blocks.slice(count);
      held = held.slice(end - base);
      base = end;
    }
    return out;
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

/** How many of the first blocks belong together, because known values reach across their borders; 0: not settled. */
function groupSize(blocks: readonly Block[], known: readonly Span[], settled: number): number {
  for (const [index, { end }] of blocks.entries()) {
    if (end > settled) return 0;
    if (!known.some((span) => span.start < end && end < span.end)) return index + 1;
  }
  return 0;
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
