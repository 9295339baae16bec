import { sensitivityOf } from "./names.ts";
import type { Finder, Span } from "./spans.ts";
import { type Writing, isSecretValue } from "./values.ts";

/** Names that hold a sensitive word somewhere; the name round the hit is judged as a whole. */
const hint = /pass|pwd|secret|token|cred|key|auth|dsn|sig|pat|jwt|sid|bearer|session|otp|webhook/gi;
const maxNameChars = 100;
const maxValueChars = 8 * 1024;
/** A value is judged by its beginning: it may be as long as its line. */
const judgedChars = 512;

/**
 * From a name to its value: the closing quote of a JSON key, a type, an operator of any of the usual languages, a
 * string's opening quote. `,` counts after a quoted first argument (`setProperty("NAME", "value")`), `>` behind a tag.
 */
const toValue =
  /(?<close>\\{0,7}["'`])?[\])]?[ \t]{0,16}(?::?[ \t]{0,4}[A-Za-z[\]]{2,12}[ \t]{1,4}(?==))?(?<operator>=>|:{0,3}=|[?+.]=|={1,3}|!==?|:|,|>|%3[Dd])\s{0,16}(?<prefix>[bfruBFRU@]?)(?<quote>\\{0,7}["'`])?/y;
/** `" value="…"` after `key="NAME`, and `NAME", value: "…"` after `name: "`. */
const pairedValue =
  /\\{0,7}["']?,?\s{1,4}\\{0,7}["']?value\\{0,7}["']?[ \t]{0,4}[:=][ \t]{0,4}(?<quote>\\{0,7}["'])/iy;
/** `--password value`. */
const flagValue = /[ \t]{1,4}(?<quote>["'])?(?=[^\s-])/y;

export const findAssignments: Finder = (text) => {
  const spans: Span[] = [];
  const stops = createStops(text);
  hint.lastIndex = 0;
  for (let hit = hint.exec(text); hit !== null; hit = hint.exec(text)) {
    const name = nameAround(text, hit.index, hit.index + hit[0].length);
    hint.lastIndex = name.end;
    if (name.end - name.start > maxNameChars) continue;
    const span = valueAfter(text, name, stops);
    if (span === null) continue;
    spans.push(span);
    // What is masked needs no closer look.
    hint.lastIndex = Math.max(name.end, span.end);
  }
  return spans;
};

/** Each name is walked over once, since the search goes on behind it. */
function nameAround(text: string, from: number, to: number): Span {
  let start = from;
  const earliest = Math.max(0, from - maxNameChars - 1);
  while (start > earliest && isNameUnit(text.charCodeAt(start - 1))) start -= 1;
  let end = to;
  while (end < text.length && isNameUnit(text.charCodeAt(end))) end += 1;
  return { start: afterEscape(text, start), end };
}

/** `\nTOKEN` in an escaped text: the `n` belongs to the line break. */
function afterEscape(text: string, start: number): number {
  return text[start - 1] === "\\" && /[nrt]/.test(text[start] ?? "") ? start + 1 : start;
}

/** Letters, digits, `_`, `-`, `.`, `$`. */
function isNameUnit(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 45 ||
    unit === 46 ||
    unit === 36
  );
}

function valueAfter(text: string, name: Span, stops: Stops): Span | null {
  const identifier = text.slice(name.start, name.end);
  const isFlag = /^--?[A-Za-z]{4}/.test(identifier);
  const sensitivity = sensitivityOf(identifier.replace(/^[-.$]+/, ""));
  if (sensitivity === "none") return null;
  const found = opening(text, name, isFlag);
  if (found === null) return null;
  const { start, quote, writing } = found;
  const end =
    quote === "" ? Math.min(stops(start, writing), start + maxValueChars) : quotedEnd(text, start, quote);
  const value = text.slice(start, Math.min(end, start + judgedChars));
  return isSecretValue(value, sensitivity, writing) ? { start, end } : null;
}

type Opening = { readonly start: number; readonly quote: string; readonly writing: Writing };

function opening(text: string, name: Span, isFlag: boolean): Opening | null {
  pairedValue.lastIndex = name.end;
  const paired = pairedValue.exec(text);
  if (paired !== null)
    return { start: pairedValue.lastIndex, quote: paired.groups?.["quote"] ?? "", writing: "quoted" };
  toValue.lastIndex = name.end;
  const match = toValue.exec(text);
  if (match !== null) return operatorOpening(text, { name, match, end: toValue.lastIndex });
  flagValue.lastIndex = name.end;
  const flag = isFlag ? flagValue.exec(text) : null;
  if (flag === null) return null;
  const quote = flag.groups?.["quote"] ?? "";
  return { start: flagValue.lastIndex, quote, writing: quote === "" ? "environment" : "quoted" };
}

function operatorOpening(
  text: string,
  { name, match, end }: { name: Span; match: RegExpExecArray; end: number },
): Opening | null {
  const { close = "", operator = "", prefix = "", quote = "" } = match.groups ?? {};
  const start = quote === "" ? end - prefix.length : end;
  const isTag = operator === ">";
  if (isTag && text[name.start - 1] !== "<") return null;
  const isArgument = close !== "" && quote !== "" && text[name.start - close.length - 1] === "(";
  if (operator === "," && !isArgument) return null;
  // A line break may stand between a tag and its text; elsewhere the next line is another matter.
  if (!isTag && match[0].includes("\n")) return null;
  if (quote !== "") return { start, quote, writing: "quoted" };
  const isEnvironment = isTag || (operator === "=" && match[0] === "=");
  return { start, quote: "", writing: isEnvironment ? "environment" : "bare" };
}

/** Where an unquoted value that begins at a position ends. */
type Stops = (start: number, writing: Writing) => number;

const bareStop = /[\s"'`,;&)}\]<>|\\]/g;
const environmentStop = /[\s"'`&<>\\]|;(?=\s|$|[\w-]{1,40}=)/g;

/** Remembers the last stop of each kind: many positions in one run of text end at the same one. */
function createStops(text: string): Stops {
  const none = { from: 0, to: -1 };
  const known = { environment: none, bare: none };
  return (start, writing) => {
    const kind = writing === "environment" ? "environment" : "bare";
    const last = known[kind];
    if (last.from <= start && start <= last.to) return last.to;
    const stop = kind === "environment" ? environmentStop : bareStop;
    stop.lastIndex = start;
    const to = stop.exec(text)?.index ?? text.length;
    known[kind] = { from: start, to };
    return to;
  };
}

/** Up to the same quote, escaped as often; to the end of the line where it is missing. */
function quotedEnd(text: string, start: number, quote: string): number {
  const limit = Math.min(text.length, start + maxValueChars);
  let end = text.indexOf(quote, start);
  while (end > 0 && end < limit && isEscaped(text, end)) end = text.indexOf(quote, end + 1);
  const newline = text.indexOf("\n", start);
  const bound = newline < 0 ? limit : Math.min(newline, limit);
  return end < 0 || end > bound ? bound : end;
}

/** Whether a backslash stands before a quote that is delimited without one. */
function isEscaped(text: string, at: number): boolean {
  return text[at - 1] === "\\";
}
