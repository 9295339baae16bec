/**
 * Where in a text of a model JSON may stand: outermost runs of balanced brackets, found in one pass without recursion.
 * Nothing inside a run is a find of its own, so a piece of a broken or cut-off object is never taken for an answer.
 */

export type JsonSpan = {
  readonly opens: "{" | "[";
  readonly start: number;
  /** Behind the closing bracket, or behind what there is of an object that is never closed. */
  readonly end: number;
  readonly isClosed: boolean;
  /** How many brackets are open at once; for well-formed JSON the exact depth. */
  readonly depth: number;
};

/** What follows the brace of an object, well-formed or in a dialect; any other brace is one of prose. */
const objectAhead = /\{\s*(?:["'}]|[A-Za-z_$][\w$]*\s*:|\/[/*])/y;
/** An array that may hold objects. */
const arrayAhead = /\[\s*[[{"\d-]/y;
/** What may as well be a bracket of prose: a footnote, an interval. */
const numberAhead = /\[\s*[\d-]/y;
/** No line of JSON begins with a code fence: whatever is open there ends. */
const fence = /\n[ \t]*(?:```|~~~)/y;

/** Outermost spans in their order. Linear in the text. */
export function* findJsonSpans(text: string): Generator<JsonSpan> {
  let at = 0;
  let readsArraysFrom = 0;
  while (at < text.length) {
    const opens = text[at];
    const isObject = opens === "{" && isAt(objectAhead, text, at);
    const isArray = at >= readsArraysFrom && opens === "[" && isAt(arrayAhead, text, at);
    if (!isObject && !isArray) {
      at += 1;
      continue;
    }
    const span = readSpan(text, at, isObject ? "{" : "[");
    if (isArray && !span.isClosed && isAt(numberAhead, text, at)) {
      // to read as far from each of many would be quadratic
      readsArraysFrom = span.end;
      at += 1;
      continue;
    }
    yield span;
    at = span.end;
  }
}

function readSpan(text: string, start: number, opens: JsonSpan["opens"]): JsonSpan {
  // only the root's own kind closes it: a bracket that a broken object lacks must not swallow what follows
  let roots = 0;
  let open = 0;
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\n") {
      isInString = false;
      if (isAt(fence, text, at)) return { opens, start, end: at, isClosed: false, depth };
    } else if (isInString) {
      if (char === "\\" && text[at + 1] !== "\n") at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === "{" || char === "[") {
      if (char === opens) roots += 1;
      open += 1;
      depth = Math.max(depth, open);
    } else if (char === "}" || char === "]") {
      open -= 1;
      if (char === (opens === "{" ? "}" : "]")) roots -= 1;
      if (roots === 0) return { opens, start, end: at + 1, isClosed: true, depth };
    }
  }
  return { opens, start, end: text.length, isClosed: false, depth };
}

function isAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}
