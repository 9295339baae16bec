/** Schemas as fields one can read: name, type, bounds, meaning, and links where a schema names another. */

import type { Schema } from "./description.ts";
import { type Html, anchor, markup, prose } from "./html.ts";

/** What a value of the schema is, in a few words. */
export function typeOf(schema: Schema): Html {
  const { $ref, type, items, additionalProperties, const: only } = schema;
  if ($ref !== undefined) return linkTo(nameIn($ref));
  if (only !== undefined) return markup`<code>${JSON.stringify(only)}</code>`;
  if (schema.enum !== undefined) return markup`${wordFor(type, "value")}`;
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts !== undefined) return joined(parts, schema.allOf === undefined ? " or " : " and ");
  if (type === "array") return markup`array of ${items === undefined ? "anything" : typeOf(items)}`;
  if (type === "object" && schema.properties === undefined && typeof additionalProperties === "object") {
    const isOpen = Object.keys(additionalProperties).length === 0;
    return markup`object of ${isOpen ? "anything" : typeOf(additionalProperties)}`;
  }
  return markup`${wordFor(type, "anything")}`;
}

/** Bounds and choices, each as its own remark. */
export function boundsOf(schema: Schema): readonly Html[] {
  const { minimum, maximum, minLength, maxLength, maxItems, pattern } = schema;
  const choices = schema.enum?.map((value) => markup`<li><code>${textOf(value)}</code></li>`);
  return [
    range(meant(minimum), meant(maximum), ""),
    range(minLength, maxLength, " characters"),
    range(undefined, maxItems, " items"),
    pattern === undefined ? null : markup`matches <code>${pattern}</code>`,
    choices === undefined
      ? null
      : markup`one of
          <ul class="choices">
            ${choices}
          </ul>`,
    ...(schema.anyOf ?? []).flatMap((part) => boundsOf(part)),
    ...(schema.items === undefined ? [] : boundsOf(schema.items)),
  ].filter((remark) => remark !== null);
}

/** The fields of a schema and of what lies within it; null where it has none. */
export function fieldsOf(schema: Schema): Html | null {
  const { properties, required = [] } = schema;
  if (properties !== undefined) {
    const rows = Object.entries(properties).map(([name, field]) =>
      fieldRow({ name, schema: field, note: required.includes(name) ? "required" : "optional" }),
    );
    return markup`<dl class="fields">${rows}</dl>`;
  }
  const within = [
    ...(schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  const groups = within.map((part) => fieldsOf(part)).filter((group) => group !== null);
  if (groups.length === 0) return null;
  if (groups.length === 1) return groups[0] ?? null;
  return markup`${groups.map((group) => markup`<div class="variant">${group}</div>`)}`;
}

export function fieldRow(row: {
  readonly name: string;
  readonly schema: Schema;
  readonly note: string;
  readonly words?: string;
}): Html {
  const { name, schema, note, words = schema.description ?? "" } = row;
  const bounds = boundsOf(schema).map((bound) => markup`<div class="bound">${bound}</div>`);
  return markup`<div class="field">
    <dt>
      <code class="name">${name}</code> <span class="type">${typeOf(schema)}</span>
      <span class="note ${note === "required" && "must"}">${note}</span>
    </dt>
    <dd>${words !== "" && markup`<p>${prose(words)}</p>`}${bounds}${fieldsOf(schema)}</dd>
  </div>`;
}

export function nameIn(reference: string): string {
  return reference.split("/").at(-1) ?? "";
}

export function linkTo(name: string): Html {
  return markup`<a href="#${anchor("schema", name)}">${name}</a>`;
}

/** Words of several lines; the first line of a list is a line of its own. */
export function paragraphs(text: string): Html {
  return markup`${text.split("\n").map((line) => markup`<p>${prose(line)}</p>`)}`;
}

function wordFor(type: Schema["type"], otherwise: string): string {
  return typeof type === "object" ? type.join(" or ") : (type ?? otherwise);
}

function joined(parts: readonly Schema[], word: string): Html {
  return markup`${parts.map((part, index) => markup`${index > 0 && word}${typeOf(part)}`)}`;
}

/** What every integer of JSON is held to says nothing about this one. */
function meant(bound: number | undefined): number | undefined {
  return bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
}

function range(from: number | undefined, to: number | undefined, unit: string): Html | null {
  const [low, high] = [from, to].map((bound) => (bound === undefined ? undefined : grouped(bound)));
  if (low !== undefined && high !== undefined) return markup`${low} to ${high}${unit}`;
  if (low !== undefined) return markup`at least ${low}${unit}`;
  return high === undefined ? null : markup`at most ${high}${unit}`;
}

/** Thousands apart; an `Intl` formatter takes longer than the rest of the page. */
function grouped(bound: number): string {
  return String(bound).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function textOf(value: unknown): string {
  return value === "" ? '""' : String(value);
}
