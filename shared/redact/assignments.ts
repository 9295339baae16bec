import { nameMarks, sensitivityOf } from "./names.ts";
import { type Opening, opensValue, openingAfter } from "./openings.ts";
import type { Rule } from "./rules.ts";
import type { Span } from "./spans.ts";
import { type RunEnd, createRunEnd } from "./text-runs.ts";
import { type Writing, isSecretValue, mayBeSecret } from "./values.ts";

const maxNameChars = 100;
const maxValueChars = 8 * 1024;
/** A value is judged by its beginning: it may be as long as its line. */
const judgedChars = 160;

/** Values assigned to names that say they are secret, in any of the ways languages and tools write it. */
export const assignments: Rule = {
  marks: nameMarks,
  open: (text) => {
    const ends = createValueEnds(text);
    let done = 0;
    return (markStart, markEnd) => {
      if (markStart < done) return null;
      const name = nameAround(text, markStart, markEnd);
      // Each name is judged once, and what is masked needs no closer look.
      done = name.end;
      const span = opensValue(text, name.end) ? valueAfter(text, name, ends) : null;
      if (span !== null) done = span.end;
      return span;
    };
  },
};

function nameAround(text: string, from: number, to: number): Span {
  let start = from;
  const earliest = Math.max(0, from - maxNameChars - 1);
  while (start > earliest && isNameUnit(text.charCodeAt(start - 1))) start -= 1;
  let end = to;
  while (end < text.length && isNameUnit(text.charCodeAt(end))) end += 1;
  return { start, end };
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

/** What costs least is asked first: most names lead to no value. */
function valueAfter(text: string, name: Span, ends: ValueEnds): Span | null {
  if (name.end - name.start > maxNameChars) return null;
  const opening = openingAfter(text, name);
  if (opening === null) return null;
  const { start, writing } = opening;
  const end = Math.min(ends(opening), start + maxValueChars);
  const value = text.slice(start, Math.min(end, start + judgedChars));
  if (!mayBeSecret(value, writing)) return null;
  const identifier = identifierAt(text, name);
  const sensitivity = sensitivityOf(identifier);
  const isSecret =
    isSecretValue(value, sensitivity, writing) ||
    (sensitivity === "token" && writing === "environment" && isOfConstant(identifier, value));
  if (!isSecret) return null;
  if (/^(?:key|session)$/i.test(identifier) && isPublic(text, name.start, writing)) return null;
  return spelling(value) === spelling(identifier) ? null : { start, end };
}

/** `API_KEY=hunter2hunter2`: in an environment a constant has its value and no name of one, spelled or not. */
function isOfConstant(identifier: string, value: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(identifier) && /^(?=.*[A-Za-z])(?=.*\d)[A-Za-z0-9+/=]{8,}$/.test(value);
}

function identifierAt(text: string, name: Span): string {
  const from = afterEscape(text, name.start);
  const isBare = isLetter(text.charCodeAt(from));
  const identifier = text.slice(from, name.end);
  return isBare ? identifier : identifier.replace(/^[-.$]+/, "");
}

function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

/** `cache restored from key: …`, `the idempotency key is …`, `the session is …`: what agents and runners print. */
function isPublic(text: string, at: number, writing: Writing): boolean {
  if (/\b(?:cache|idempotency|public)[^\n"'`;{}]{0,24} $/i.test(text.slice(Math.max(0, at - 40), at)))
    return true;
  return writing === "spoken" && /^s/i.test(text.slice(at, at + 1));
}

/** `API_KEY: "apiKey"` names the name. */
function spelling(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** `\nTOKEN` in an escaped text, and `[32mTOKEN` in a coloured one: the letter belongs to what stands before. */
function afterEscape(text: string, start: number): number {
  if (text[start - 1] === "\\" && /[nrt]/.test(text[start] ?? "")) return start + 1;
  if (text[start - 1] !== "[") return start;
  colour.lastIndex = start;
  return colour.test(text) ? colour.lastIndex : start;
}
const colour = /\d{1,3}m/y;

type ValueEnds = (opening: Opening) => number;

// oxlint-disable-next-line no-control-regex -- the escape that begins a colour ends a value
const bareStop = /[\s"'`,;&)}\]<>|\\\u001b]/g;
// oxlint-disable-next-line no-control-regex -- as above
const environmentStop = /[\s"'`&<>\\\u001b]|;(?=\s|$|[\w-]{1,40}[ =])/g;

function createValueEnds(text: string): ValueEnds {
  const ends = {
    environment: createRunEnd(text, environmentStop),
    bare: createRunEnd(text, bareStop),
    word: createRunEnd(text, /[\s\\"'`]/g),
  };
  const lineEnd = createRunEnd(text, /\n/g);
  return ({ start, quote, writing }) => {
    if (quote !== "") return quotedEnd(text, { start, quote, lineEnd });
    if (writing === "environment") return ends.environment(start);
    if (writing === "spoken") return beforeStop(text, ends.bare(start));
    const isWholeLine = writing === "line" && isLineEnd(text, ends.word(start));
    return isWholeLine ? beforeComma(text, ends.word(start)) : ends.bare(start);
  };
}

function isLineEnd(text: string, at: number): boolean {
  return at === text.length || text[at] === "\n" || text[at] === "\r";
}

/** A sentence's full stop is not the value's. */
function beforeStop(text: string, end: number): number {
  return /[.!?]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

function beforeComma(text: string, end: number): number {
  return /[,;]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

/** Up to the same quote, escaped as often; to the end of the line where it is missing. */
function quotedEnd(
  text: string,
  { start, quote, lineEnd }: { start: number; quote: string; lineEnd: RunEnd },
): number {
  const bound = Math.min(lineEnd(start), start + maxValueChars);
  const line = text.slice(start, bound);
  let end = line.indexOf(quote);
  // A backslash before a quote that is delimited without one belongs to the value.
  while (end > 0 && line[end - 1] === "\\") end = line.indexOf(quote, end + 1);
  return end < 0 ? bound : start + end;
}
