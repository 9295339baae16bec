/** The titles of the tests in a file, as they stand in its text. */

export type TestTitle = {
  /** With the placeholders of a table's test, `%s` or `$name`. */
  readonly title: string;
  /** Never run, wherever it runs; a test that some machines cannot run is not skipped. */
  readonly isSkipped: boolean;
};

const quotes = new Set(['"', "'", "`"]);

export function testTitlesIn(source: string): readonly TestTitle[] {
  const found: TestTitle[] = [];
  for (const { index } of source.matchAll(/(?<![\w.$])test(?=[.(])/g)) {
    const title = titleAt(source, index + "test".length);
    if (title !== null) found.push(title);
  }
  return found;
}

/** Goes along `.for([…])`, `.skipIf(…)` and the like to the call that begins with a string. */
function titleAt(source: string, from: number): TestTitle | null {
  let at = from;
  const words: string[] = [];
  for (;;) {
    const word = /^\s*\.(\w+)/.exec(source.slice(at, at + 60));
    if (word !== null) {
      words.push(word[1] ?? "");
      at += word[0].length;
      continue;
    }
    // type arguments, of which none here holds a call
    if (source[at] === "<") at = source.indexOf(">(", at) + 1;
    if (source[at] !== "(") return null;
    const start = at + 1 + (/^\s*/.exec(source.slice(at + 1)) ?? [""])[0].length;
    if (quotes.has(source[start] ?? "")) {
      if (words.at(-1) === "extend") return null;
      const isSkipped = words.some((word) => word === "skip" || word === "todo" || word === "fails");
      return { title: readString(source, start).text, isSkipped };
    }
    at = endOfGroup(source, at);
    if (at === -1) return null;
  }
}

function readString(source: string, start: number): { readonly text: string; readonly end: number } {
  const quote = source[start];
  let text = "";
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at] ?? "";
    if (character === quote) return { text, end: at + 1 };
    if (character === "\\") at += 1;
    text += source[at] ?? "";
  }
  return { text, end: source.length };
}

/** Behind the bracket that closes the one at `from`; -1 where none does. */
function endOfGroup(source: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < source.length) {
    const character = source[at] ?? "";
    const skipped = endOfText(source, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** Behind the string, comment or pattern that begins at `at`; `at` itself where none does. */
function endOfText(source: string, at: number): number {
  const character = source[at] ?? "";
  if (quotes.has(character)) return readString(source, at).end;
  if (source.startsWith("//", at)) return at + (/[^\n]*/.exec(source.slice(at)) ?? [""])[0].length;
  if (character !== "/" || !/[(,=:[!&|?{;\n]\s*$/.test(source.slice(Math.max(0, at - 20), at))) return at;
  const pattern = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/.exec(source.slice(at));
  return pattern === null ? at : at + pattern[0].length;
}
