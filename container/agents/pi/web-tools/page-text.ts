/** What a page says, for a model to read: its words without markup. Loaded by Pi, so it imports nothing. */

/** Linear in the length of the page, whatever stands in it. */
export function toPageText(html: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open === -1) break;
    parts.push(html.slice(at, open));
    const { end, text } = skipTag(html, open);
    parts.push(text);
    at = end;
  }
  parts.push(html.slice(at));
  return decodeEntities(parts.join(""))
    .replaceAll(/[ \t\f\r\u00a0]+/g, " ")
    .replaceAll(/ ?\n ?/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Their content is no text. */
const silent: ReadonlySet<string> = new Set(["script", "style", "noscript", "template", "svg", "head"]);

/** Run into the text around them. */
const inline: ReadonlySet<string> = new Set(
  "a abbr b bdi bdo cite code data em font i kbd mark q s samp small span strong sub sup time u var wbr".split(
    " ",
  ),
);

function skipTag(html: string, open: number): { readonly end: number; readonly text: string } {
  if (html.startsWith("<!--", open)) return { end: after(html, "-->", open + 4), text: "" };
  const name = /^<\/?([a-z][a-z0-9-]*)/i.exec(html.slice(open, open + 40))?.[1]?.toLowerCase();
  // a bare `<` in a text
  if (name === undefined && !/^<[!?/]/.test(html.slice(open, open + 2))) return { end: open + 1, text: "<" };
  const end = after(html, ">", open + 1);
  if (name === undefined) return { end, text: "" };
  if (silent.has(name) && html[open + 1] !== "/") return { end: afterClosing(html, name, end), text: "\n" };
  return { end, text: inline.has(name) ? "" : "\n" };
}

function afterClosing(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}\\b`, "gi");
  closing.lastIndex = from;
  const found = closing.exec(html);
  return found === null ? html.length : after(html, ">", found.index);
}

function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found === -1 ? html.length : found + mark.length;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  copy: "©",
};

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole: string, name: string) => {
    if (!name.startsWith("#")) return entities[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}
