/** How a row says what it wants and what it got. */

import { isDeepStrictEqual } from "node:util";

/** The harness does otherwise than a row wants. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: unknown) {
    super(`expected ${expected}, seen ${show(seen)}`);
    this.expected = expected;
    this.seen = show(seen);
  }
}

/** The harness does not offer what a row is about, and says so. */
export class NotOffered extends Error {}

export function demand(isSo: boolean, expected: string, seen: unknown): asserts isSo {
  if (!isSo) throw new Mismatch(expected, seen);
}

export function demandSame(what: string, seen: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(seen, expected)) throw new Mismatch(`${what}: ${show(expected)}`, seen);
}

export function demandMatch(what: string, seen: unknown, pattern: RegExp): void {
  demand(typeof seen === "string" && pattern.test(seen), `${what}: ${String(pattern)}`, seen);
}

/** What can be told of anything, on one line of bounded length. */
export function show(value: unknown): string {
  const text = value instanceof Error ? value.message : typeof value === "string" ? value : toJson(value);
  const line = text.replaceAll(/\s*\n\s*/g, " ⏎ ");
  return line.length > 600 ? `${line.slice(0, 600)}…` : line;
}

function toJson(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
