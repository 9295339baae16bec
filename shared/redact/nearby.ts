import { type Match, matchAt } from "./match.ts";
import type { Span } from "./spans.ts";

/**
 * Values that stand beside their name without an operator, or inside a call: as much else does, so only noise counts as
 * one.
 */

/** `setToken("…")`, `token{"…"}`, `fetch("TOKEN") { "…" }`, `env.TOKEN ?? "…"`, `TOKEN "…"`, `["--token", "…"]`. */
const quoted =
  /(?:["'`]\)[ \t]\{[ \t]?|[({]|[ \t]{0,4}(?:\?\?|\|\|)[ \t]{0,4}|[ \t]{1,4}|\\{0,7}["'`],[ \t]{0,4})(?<quote>\\{0,7}["'`])(?=[^\s"'`]{8,300}["'`])/y;
/** `token      …`, `| token | … |`, and `token,…,` of a table without blanks. */
const columns =
  /[`*]{0,2}(?:[ \t]{2,40}|\t|[ \t]{0,40}[|│┃][ \t]{1,4})(?<quote>`)?(?=[^\s|│┃-])|,(?=[A-Za-z0-9_+/=-]{14,200}(?:[,\r\n]|$))/y;
/** The rest of a line, when its name is the first word of it. */
const remainder = /[ \t](?=[^\s"'`]{8,200}[ \t]{0,8}(?:[\r\n]|$))/y;

export function nearbyValue(text: string, name: Span): Match | null {
  const match = matchAt(quoted, text, name.end) ?? matchAt(columns, text, name.end);
  if (match !== null) return match;
  const rest = matchAt(remainder, text, name.end);
  return rest !== null && isFirstWord(text, name.start) ? rest : null;
}

function isFirstWord(text: string, at: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 40), at));
}
