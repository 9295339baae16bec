import type { Rule } from "./rules.ts";
import type { Span } from "./spans.ts";
import { isCode, isPlaceholder } from "./placeholders.ts";

const header = /cookie2?\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}["']?(?<list>[^"'\r\n\\]{3,4096})/iy;
/** Attributes of a Set-Cookie header, which are no secrets. */
const attributes = /^(?:path|domain|expires|max-age|samesite|priority)$/i;

/** Names of cookies that hold a choice. */
const settings = /^(?:theme|lang|language|locale|color-scheme|currency|consent)$/i;

/** The values of the cookies of a `Cookie` or `Set-Cookie` header. */
export const cookies: Rule = {
  marks: ["cookie"],
  open: (text) => {
    let done = 0;
    return (start) => {
      if (start < done || isInWord(text, start)) return null;
      header.lastIndex = start;
      const list = header.exec(text)?.groups?.["list"];
      if (list === undefined) return null;
      done = header.lastIndex;
      return valuesIn(list, done - list.length);
    };
  },
};

function isInWord(text: string, at: number): boolean {
  if (text[at - 1] === "-") return !/(?:^|\W)set-$/i.test(text.slice(Math.max(0, at - 5), at));
  return /\w/.test(text[at - 1] ?? " ");
}

function valuesIn(list: string, offset: number): readonly Span[] {
  const spans: Span[] = [];
  for (const pair of list.matchAll(/([^=;\s]{1,100})=([^;\s]{3,})/g)) {
    const [whole, name = "", value = ""] = pair;
    if (attributes.test(name) || isPlaceholder(value) || isCode(value)) continue;
    if (settings.test(name) && /^[A-Za-z-]{1,12}$/.test(value)) continue;
    const end = offset + pair.index + whole.length;
    spans.push({ start: end - value.length, end });
  }
  return spans;
}
