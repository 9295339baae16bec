/** A page of markup as its elements; throws at the first thing that a browser would have to guess about. */

export type Element = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of what lies within, tags left out, entities read. */
  readonly text: string;
};

const empty: ReadonlySet<string> = new Set(["meta", "link", "br", "wbr", "hr", "img", "input"]);
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

export function elementsOf(page: string): readonly Element[] {
  const body = page.replace(/^<!doctype html>\n/, "");
  const found: Array<Element & { readonly from: number; until: number }> = [];
  const open: number[] = [];
  let text = "";
  let end = 0;
  for (const match of body.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<]*")?)*)\s*(\/?)>/g)) {
    text += plain(body.slice(end, match.index));
    end = match.index + match[0].length;
    const [, close, name = "", attributes = ""] = match;
    if (close === "/") {
      const last = found[open.pop() ?? -1];
      if (last?.name !== name) throw new Error(`</${name}> ends <${last?.name ?? ""}>`);
      last.until = text.length;
      continue;
    }
    if (!empty.has(name)) open.push(found.length);
    found.push({
      name,
      attributes: attributesOf(attributes),
      text: "",
      from: text.length,
      until: text.length,
    });
  }
  text += plain(body.slice(end));
  if (open.length > 0) throw new Error(`<${found[open.at(-1) ?? 0]?.name}> is not closed`);
  return found.map(({ name, attributes, from, until }) => ({
    name,
    attributes,
    text: text.slice(from, until),
  }));
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].map(
    ([, name = "", value = ""]) => [name, plain(value)] as const,
  );
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length)
    throw new Error(`an attribute twice: ${text}`);
  return new Map(pairs);
}

/** What stands between tags; a bracket or an ampersand that is none of an entity is a hole in the escaping. */
function plain(text: string): string {
  if (/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`not escaped: ${text.slice(0, 200)}`);
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => entities[name] ?? "");
}
