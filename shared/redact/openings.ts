import { type Match, matchAt } from "./match.ts";
import { nearbyValue } from "./nearby.ts";
import { pairedValue, strays } from "./paired.ts";
import type { Span } from "./spans.ts";
import type { Writing } from "./values.ts";

/** Where a value begins, the quote it is in (`""`: none), and how it is written. */
export type Opening = { readonly start: number; readonly quote: string; readonly writing: Writing };

/**
 * From a name to its value: the closing quote of a JSON key, a type, an operator of any of the usual languages, a
 * string's opening quote. `,` counts after a quoted first argument (`setProperty("NAME", "value")`), `>` behind a tag.
 */
/** Colours, which terminals show and tools put round names, operators and values. */
const colours = "(?:\\u001b\\[[0-9;]{0,12}m[ \\t]?){0,3}";
const closing = /(?<close>\\{0,7}["'`])?(?:\*\*)?(?:\[\d{0,5}\])?[\])}]?[ \t]{0,16}/.source + colours;
/** `: &'static str `, `: string | null `, ` string `, ` As String `: what stands between a name and its `=`. */
const typed =
  /(?::[ \t]{0,4}(?:&(?:'\w{1,12}[ \t])?|\*)?|(?:[Aa]s[ \t]{1,4})?\*?)[\w.<>[\]?]{2,40}(?:[ \t]\|[ \t][\w.<>[\]]{2,20}){0,2}[ \t]{1,4}(?==[^=>])/
    .source;
const operating =
  /(?<operator>=>|:{0,3}=|[?+.|]\|?=|\?\?=|={1,3}|!==?|:(?!:)|,|<-|>|%3[Dd])(?:\*\*)?[ \t]{0,16}/.source +
  colours;
const quoting = /(?<prefix>[bfruBFRU@]?)(?<quote>\\{0,7}(?:"""|'{3}|["'`]))?/.source;
const toValue = new RegExp(`${closing}(?:${typed})?${operating}${quoting}`, "y");
/** `Some("…")`, `String::from("…")`: what a value is wrapped in. */
const wrapping = /(?:[A-Za-z_][\w:.]{0,30}[({][ \t]?){1,2}(?<quote>\\{0,7}["'])/y;
/** `<Password Type="…">`. */
const attributes = /(?:[ \t]{1,4}[\w:-]{1,40}=["'][^"'<>\r\n]{0,80}["']){1,3}[ \t]?>(?=[^<\s])/y;
/** A value in quotes behind a blank: SQL's `PASSWORD '…'`, Clojure's `:password "…"`. */
const blankValue = /[ \t]{1,4}(?<quote>["'])(?=[^\s"']{6,200}["'])/y;
/** `--password value`, `configure set name value`. */
const flagValue = /[ \t]{1,4}(?<quote>["'])?(?=[^\s-])/y;
/** `password is …`. */
const spokenValue = /[ \t](?:is|was)[ \t:]{1,3}(?<quote>["'`])?/y;
const settingVerb = /(?:^|[\s:])(?:set|setx|set -g?x|add|ENV|ARG)[ \t]{1,4}$/;

/** Whether anything that leads to a value can follow here: what most names fail at. */
export function opensValue(text: string, at: number): boolean {
  return openers.includes(text[at] ?? "-");
}
const openers = " \t\"'`\\])}[{(:=?+.!,><%|*\r\n\u001b";

export function openingAfter(text: string, name: Span): Opening | null {
  const paired = pairedValue(text, name);
  if (paired !== null) return toOpening(paired, "bare");
  const match = matchAt(toValue, text, name.end);
  const assigned = match === null ? null : operatorOpening(text, name, match);
  return assigned ?? (match === null ? blankOpening(text, name) : null) ?? nearbyOpening(text, name);
}

/** Behind a blank or two, where name and surroundings say that a value follows. */
function blankOpening(text: string, name: Span): Opening | null {
  if (isTagName(text, name.start)) {
    const tag = matchAt(attributes, text, name.end);
    return tag === null ? null : { start: tag.end, quote: "", writing: "environment" };
  }
  const identifier = text.slice(name.start, name.end);
  // npm's settings of a registry: `config set //host/:_authToken …`
  const isFlag = /^--?[A-Za-z]{4}|^_(?:auth|authToken|password)$/.test(identifier);
  const isSet = !isFlag && settingVerb.test(text.slice(Math.max(0, name.start - 12), name.start));
  const flag = isFlag || isSet ? matchAt(flagValue, text, name.end) : null;
  if (flag !== null) return toOpening(flag, "bare");
  const isWord = text[name.start - 1] === ":" || /^[A-Z]+$/.test(identifier);
  const blank = isWord ? matchAt(blankValue, text, name.end) : null;
  if (blank !== null) return toOpening(blank, "quoted");
  const spoken = matchAt(spokenValue, text, name.end);
  return spoken === null ? null : toOpening(spoken, "spoken");
}

function nearbyOpening(text: string, name: Span): Opening | null {
  const value = nearbyValue(text, name);
  return value === null ? null : toOpening(value, "spoken");
}

/** `<password`, `<wsse:Password`. */
function isTagName(text: string, at: number): boolean {
  return (
    text[at - 1] === "<" ||
    (text[at - 1] === ":" && /<[\w-]{1,20}:$/.test(text.slice(Math.max(0, at - 22), at)))
  );
}

/** What is quoted is a literal, however it is reached. */
function toOpening({ groups, end }: Match, unquoted: Writing): Opening {
  const quote = groups["quote"] ?? "";
  const writing = quote === "" || unquoted === "spoken" ? unquoted : "quoted";
  return { start: end, quote, writing };
}

function operatorOpening(text: string, name: Span, match: Match): Opening | null {
  const { close = "", operator = "", prefix = "", quote = "" } = match.groups;
  const start = quote === "" ? match.end - prefix.length : match.end;
  if (operator === ">") {
    const isTag = isTagName(text, name.start);
    if (!isTag && close === "") return null;
    return tagOpening(text, name, { start, quote, writing: isTag ? "environment" : "bare" });
  }
  const argument = text.slice(Math.max(0, name.start - close.length - 3), name.start - close.length);
  if (operator === "," && !(close !== "" && quote !== "" && /\(\s*$/.test(argument))) return null;
  // `'--password=' + value`: the quote ends the string that the name stands in.
  if (quote !== "" && close === "" && text[name.start - 1] === quote) return null;
  if (quote !== "") return { start, quote, writing: "quoted" };
  const wrapped = operator === "," ? null : matchAt(wrapping, text, start);
  if (wrapped !== null) return toOpening(wrapped, "spoken");
  if (match.text === "=") return { start, quote: "", writing: "environment" };
  return {
    start,
    quote: "",
    writing: match.text === ": " && isFirstOfLine(text, name.start) ? "line" : "bare",
  };
}

/** `  name: value` and `- name: value`. */
function isFirstOfLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at);
  return /(?:^|\n)[ \t+-]*$/.test(before);
}

/** A line break and blanks may stand between a tag and its text. */
function tagOpening(text: string, name: Span, opening: Opening): Opening {
  if (opening.quote !== "") return opening;
  const start = matchAt(blanks, text, opening.start)?.end ?? opening.start;
  return strays(text, name, start) ? opening : { ...opening, start };
}
const blanks = /[ \t]{0,16}(?:\r?\n[+-]?[ \t]{0,80})?/y;
