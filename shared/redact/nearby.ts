import { type Match, matchAt } from "./match.ts";
import type { Span } from "./spans.ts";

/**
 * Values that stand beside their name without an operator, or inside a call: as much else does, so only noise counts as
 * one.
 */

/** `setToken("…")`, `token{"…"}`, `fetch("TOKEN") { "…" }`. */
const called = /(?:["'`]\)[ \t]\{[ \t]?|[({])(?<quote>\\{0,7}["'`])(?=[^\s"'`]{8,300}["'`])/y;
/** `env.TOKEN ?? "…"`, `TOKEN "…"`. */
const beside =
  /[ \t]{0,4}(?:(?:\?\?|\|\|)[ \t]{0,4}|(?<=[ \t]))(?<quote>\\{0,7}["'`])(?=[^\s"'`]{8,300}["'`])/y;
/** `["--token", "…"]`, `['X-Api-Key', '…']`. */
const listed = /\\{0,7}["'`],[ \t]{0,4}(?<quote>\\{0,7}["'`])(?=[^\s"'`]{8,300}["'`])/y;
/** `token      …`, `| token | … |`, and `token,…,` of a table without blanks. */
const columns = /[`*]{0,2}(?:[ \t]{2,40}|\t|[ \t]{0,40}[|│┃][ \t]{1,4})(?<quote>`)?(?=[^\s|│┃-])/y;
const separated = /,(?=[A-Za-z0-9_+/=-]{14,200}(?:[,\r\n]|$))/y;
/** The rest of a line, when its name is the first word of it. */
const remainder = /[ \t](?=[^\s"'`]{8,200}[ \t]{0,8}(?:[\r\n]|$))/y;

export function nearbyValue(text: string, name: Span): Match | null {
  const patterns = isFirstWord(text, name.start) ? [...anywhere, remainder] : anywhere;
  for (const pattern of patterns) {
    const match = matchAt(pattern, text, name.end);
    if (match !== null) return match;
  }
  return null;
}
const anywhere = [called, beside, listed, columns, separated];

function isFirstWord(text: string, at: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 40), at));
}
