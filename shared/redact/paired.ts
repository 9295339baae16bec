import { awaitsValue } from "./continued.ts";
import { type Match, matchAt } from "./match.ts";
import type { Span } from "./spans.ts";

/** Values that have a name of their own, `value`, or a line of their own. */

/** `" value="…"` after `key="NAME`, and `NAME", value: "…"` after `name: "`, on the same line or the next. */
const named =
  /\\{0,7}["']?(?:,?(?:[ \t]{1,40}|[ \t]{0,16}\r?\n[+-]?[ \t]{1,80})|,|[ \t]{0,4}:[ \t]{0,4}\{[ \t]{0,4})\\{0,7}["']?(?:secret_?)?value\\{0,7}["']?[ \t]{0,4}[:=][ \t]{0,4}(?<quote>\\{0,7}["'`])?/iy;
/** `--name NAME --value …`, `secret set NAME --body …`. */
const flag = /[ \t]{1,4}--(?:value|body)[ \t=]{1,2}(?<quote>["'])?(?=[^\s-])/y;
/** `<string>…` behind `<key>NAME</key>`. */
const plist = /<\/key>[ \t]{0,16}(?:\r?\n[ \t]{0,80})?<string>/y;
/** A block of YAML, and what PHP dumps. */
const block = /["']?:[ \t]{1,4}[|>][+-]?[ \t]{0,16}\r?\n[+-]?[ \t]{1,80}/y;
const dumped = /"\]=>\r?\n[ \t]{0,80}string\(\d{1,5}\) (?<quote>")/y;
/** What a form cannot do without, close behind the name. */
const forms: ReadonlyArray<readonly [needs: string, form: RegExp]> = [
  ["</key>", plist],
  ["--", flag],
  ["|", block],
  [">", block],
  ['"]=>', dumped],
];
const closeChars = 8;

export function pairedValue(text: string, name: Span): Match | null {
  const match = matchAt(named, text, name.end);
  if (match !== null && !strays(text, name, match.end)) return match;
  for (const [needs, form] of forms) {
    const mayMatch = text.slice(name.end, name.end + closeChars).includes(needs);
    const found = mayMatch ? matchAt(form, text, name.end) : null;
    if (found !== null && !strays(text, name, found.end)) return found;
  }
  return null;
}

/** Whether a match leaves its line though nothing in the line says that it goes on. */
export function strays(text: string, name: Span, end: number): boolean {
  const newline = text.indexOf("\n", name.end);
  if (newline < 0 || newline >= end) return false;
  const lineStart = text.lastIndexOf("\n", name.start) + 1;
  return !awaitsValue(text.slice(lineStart, newline + 1));
}
