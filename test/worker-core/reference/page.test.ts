import { test } from "vitest";
import * as z from "zod";
import { Endpoints } from "../../../shared/endpoints.ts";
import { Errors } from "../../../shared/errors.ts";
import { openapiDocument } from "../../../shared/openapi.ts";
import { Outcomes } from "../../../shared/outcomes.ts";
import { Description, operationsOf, type Schema } from "../../../worker/reference/description.ts";
import { anchor } from "../../../worker/reference/html.ts";
import { renderReference } from "../../../worker/reference/page.ts";
import { elementsOf } from "./markup.ts";

const description = Description.parse(JSON.parse(JSON.stringify(openapiDocument("0.1.0"))));
const page = renderReference(description);
const elements = elementsOf(withoutStyle(page));
const byId = new Map(
  elements.flatMap((element) => {
    const id = element.attributes.get("id");
    return id === undefined ? [] : [[id, element] as const];
  }),
);

test.for(operationsOf(description).map((operation) => [operation.operationId, operation] as const))(
  "%s is on the page with its route, scope, door, parameters, examples, commands and errors",
  ([id, operation], { expect }) => {
    const text = byId.get(anchor("op", id))?.text ?? "";
    const row = Endpoints.find((endpoint) => endpoint.id === id);
    expect(text).toContain(row?.summary);
    expect(text).toContain(`${row?.method} ${row?.path}`);
    expect(text).toContain(row?.scope === "open" ? "Open: no token" : `Needs the scope ${row?.scope}`);
    expect(text).toContain(row?.door === "job" ? "job protocol" : "native API");
    expect(text).toContain(plainWords(operation.description));
    for (const { name, description: words, schema } of operation.parameters) {
      expect(text).toContain(name);
      expect(text).toContain(plainWords(words));
      if (schema.maximum !== undefined)
        expect(text).toContain(`${schema.minimum} to ${grouped(schema.maximum)}`);
    }
    for (const { source } of operation["x-codeSamples"]) expect(text).toContain(source);
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      for (const { example, examples = {} } of Object.values(content)) {
        if (example !== undefined) {
          expect(text).toContain(typeof example === "string" ? example : JSON.stringify(example, null, 2));
        }
        for (const code of Object.keys(examples)) {
          const error = description["x-holt-errors"].find((each) => each.code === code);
          const help = error?.retryable === true ? "a retry helps" : "no retry";
          expect(squeezed(text)).toContain(`${status} ${code} ${help} ${plainWords(error?.when ?? "")}`);
        }
      }
    }
  },
);

test("every row of the endpoint table is an operation of the page", ({ expect }) => {
  expect(Endpoints.filter(({ id }) => !byId.has(anchor("op", id)))).toEqual([]);
});

test("every schema has a section with its fields, their types, bounds, choices and meanings", ({
  expect,
}) => {
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    const text = byId.get(anchor("schema", name))?.text ?? "";
    for (const part of partsOf(schema)) {
      const fields: Readonly<Record<string, Schema>> = part.properties ?? {};
      for (const [field, { description: words = "" }] of Object.entries(fields)) {
        const note = part.required?.includes(field) === true ? "required" : "optional";
        expect(squeezed(text)).toMatch(new RegExp(`(?:^| )${field} .*? ${note} `));
        expect(text).toContain(plainWords(words));
      }
      for (const choice of part.enum ?? []) {
        expect(text).toContain(choice === "" ? '""' : z.string().parse(choice));
      }
      if (part.pattern !== undefined) expect(text).toContain(part.pattern);
      if (part.maxLength !== undefined) expect(text).toContain(`${grouped(part.maxLength)} characters`);
    }
  }
});

test("every error and every outcome has a place with its meaning, and an error its body", ({ expect }) => {
  for (const [code, { status, retryable }] of Object.entries(Errors)) {
    const text = squeezed(byId.get(anchor("error", code))?.text ?? "");
    expect(text).toContain(`${status} ${code} ${retryable ? "a retry helps" : "no retry"}`);
    expect(text).toContain(`"code": "${code}"`);
  }
  for (const [code, { blame, next }] of Object.entries(Outcomes)) {
    const text = squeezed(byId.get(anchor("outcome", code))?.text ?? "");
    expect(text).toContain(`${code} ${blame}`);
    expect(text).toContain(next);
  }
});

test("ids are unique, every link leads to a place of the page or a route of the Worker, and nothing is loaded", ({
  expect,
}) => {
  const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const open: readonly string[] = Endpoints.filter(({ scope }) => scope === "open").map(({ path }) => path);
  const links = elements.flatMap(({ attributes }) => attributes.get("href") ?? []);
  expect(links.length).toBeGreaterThan(200);
  expect(
    links.filter(
      (link) => !(link.startsWith("#") ? byId.has(link.slice(1)) : [...open, "data:,"].includes(link)),
    ),
  ).toEqual([]);
  const names = new Set(elements.map(({ name }) => name));
  expect(["script", "img", "iframe", "form", "object", "base"].filter((name) => names.has(name))).toEqual([]);
  const attributes = elements.flatMap((element) => [...element.attributes.keys()]);
  expect(attributes.filter((name) => /^on|^(?:src|style|action)$/.test(name))).toEqual([]);
  for (const of of ["aria-labelledby"]) {
    expect(
      elements.flatMap(({ attributes }) => attributes.get(of) ?? []).filter((id) => !byId.has(id)),
    ).toEqual([]);
  }
});

test("headings go down one level at a time", ({ expect }) => {
  const levels = elements.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
});

function partsOf(schema: Schema): readonly Schema[] {
  const within = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...Object.values(schema.properties ?? {}),
  ];
  return [schema, ...within.flatMap((part) => partsOf(part))];
}

function withoutStyle(text: string): string {
  return text.replace(/<style>[^<]*<\/style>/, "");
}

function plainWords(text: string): string {
  return text.replaceAll("`", "").split("\n")[0] ?? "";
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function grouped(bound: number): string {
  return bound.toLocaleString("en");
}
