/** Markup from templates: what is filled in is text, and is escaped, unless it was made here. */

type Part = Html | string | number | null | false | readonly Part[];

export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(template.reduce((text, piece, index) => text + toText(parts[index - 1] ?? null) + piece));
}

/** Text with `code` between backticks. */
export function prose(text: string): Html {
  const pieces = text.split("`");
  // The last backtick of an odd number opens nothing.
  const isOpen = pieces.length % 2 === 0;
  const parts = pieces.map((piece, index) => {
    if (index % 2 === 0) return piece;
    return isOpen && index === pieces.length - 1 ? `\`${piece}` : markup`<code>${piece}</code>`;
  });
  return markup`${parts}`;
}

/** An id of the page, other for other names. A space becomes a dot, for the eye. */
export function anchor(kind: "tag" | "op" | "schema" | "error" | "outcome", name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9-]/gu, (char) =>
    char === " " ? "." : `_${(char.codePointAt(0) ?? 0).toString(16)}_`,
  );
  return `${kind}-${safe}`;
}

function toText(part: Part): string {
  if (part === null || part === false) return "";
  if (part instanceof Html) return part.toString();
  if (typeof part === "object") return part.map((each) => toText(each)).join("");
  return escape(String(part));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? "");
}
