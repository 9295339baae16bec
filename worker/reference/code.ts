/** Code in boxes that scroll by themselves, also by keyboard; JSON with its parts told apart. */

import { type Html, markup } from "./html.ts";

/** @param of what the box belongs to, for whoever hears of it alone */
export function codeBox(label: string, of: string, code: Html | string): Html {
  return markup`<figure class="code">
    <figcaption>${label}</figcaption>
    <pre tabindex="0" role="group" aria-label="${of}: ${label}"><code>${code}</code></pre>
  </figure>`;
}

/** An example: JSON unless it is a text. */
export function exampleBox(label: string, of: string, value: unknown): Html {
  return codeBox(label, of, typeof value === "string" ? value : jsonMarkup(value, ""));
}

function jsonMarkup(value: unknown, indent: string): Html {
  if (typeof value === "string") return markup`<span class="s">${JSON.stringify(value)}</span>`;
  if (typeof value !== "object" || value === null) return markup`<span class="n">${String(value)}</span>`;
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const lines = Object.entries(value).map(([key, part], index) => {
    const name = !isList && markup`<span class="k">${JSON.stringify(key)}</span>: `;
    return markup`${index > 0 && ","}\n${inner}${name}${jsonMarkup(part, inner)}`;
  });
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  return lines.length === 0 ? markup`${open}${close}` : markup`${open}${lines}\n${indent}${close}`;
}
