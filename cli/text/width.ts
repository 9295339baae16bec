/** How wide text stands in a terminal, near enough to cut a line before it wraps. */

/** What takes two columns: East Asian wide forms, and signs that are drawn as pictures unless told otherwise. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18D08}\u{1F000}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const combining = /\p{Mark}|[\u200B-\u200D]/u;
// oxlint-disable-next-line no-control-regex -- our own colours
const colour = /\u001B\[\d+m/y;

/** Cuts a line that may have colours of ours to so many columns; colours stay closed. */
export function fitTo(line: string, columns: number): string {
  let width = 0;
  let fitted = "";
  let isCut = false;
  for (let index = 0; index < line.length;) {
    colour.lastIndex = index;
    const dress = colour.exec(line)?.[0];
    if (dress !== undefined) {
      fitted += dress;
      index += dress.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(index) ?? 0);
    index += character.length;
    if (isCut) continue;
    const own = widthOf(character);
    // Room for the mark, unless this is the last character.
    const room = index < line.length ? columns - 1 : columns;
    if (width + own > room && stillToCome(line, index - character.length) > columns - width) {
      fitted += "…";
      isCut = true;
      continue;
    }
    width += own;
    fitted += character;
  }
  return fitted;
}

export function textWidth(text: string): number {
  return stillToCome(text, 0);
}

function stillToCome(line: string, from: number): number {
  let width = 0;
  // oxlint-disable-next-line no-control-regex -- our own colours
  for (const character of line.slice(from).replaceAll(/\u001B\[\d+m/g, "")) width += widthOf(character);
  return width;
}

function widthOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
