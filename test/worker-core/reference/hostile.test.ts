import * as fc from "fast-check";
import { test } from "vitest";
import { openapiDocument } from "../../../shared/openapi.ts";
import { Description } from "../../../worker/reference/description.ts";
import { renderReference } from "../../../worker/reference/page.ts";
import { elementsOf } from "./markup.ts";

const whole: unknown = JSON.parse(JSON.stringify(openapiDocument("0.1.0")));

const hostile = fc.oneof(
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "</style><script>",
    "</pre></code>`<b>`",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "<!--",
    "`",
    "a b",
    "a.b",
    "a_20_b",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "`", "/", "=", " ", "a"), maxLength: 12 }),
);

/** What the page is made of but for its words: with any words it has to be this. */
function skeletonOf(page: string): readonly string[] {
  return elementsOf(page.replace(/<style>[^<]*<\/style>/, "")).map(
    ({ name, attributes }) => `${name} ${[...attributes.keys()].join(" ")}`,
  );
}

/** Every text of the description with something else after it, but what one part finds another by. */
function poisoned(value: unknown, poison: string, key = ""): unknown {
  if (typeof value === "string") {
    return ["$ref", "in", "code", "required"].includes(key) ? value : `${value}${poison}`;
  }
  if (Array.isArray(value)) return value.map((part) => poisoned(part, poison, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, poisoned(part, poison, name)]),
  );
}

test("no text of the description becomes markup", ({ expect }) => {
  const skeletonWith = (poison: string) =>
    skeletonOf(renderReference(Description.parse(poisoned(whole, poison))));
  const harmless = skeletonWith("x");
  expect(harmless.length).toBeGreaterThan(5_000);
  // A backtick makes code and a line a paragraph.
  const words = hostile.map((text) => `x${text.replaceAll(/[`\n]/g, "")}`);
  fc.assert(
    fc.property(words, (poison) => {
      expect(skeletonWith(poison)).toEqual(harmless);
    }),
    { numRuns: 6 },
  );
});

test("no name of a part of the description becomes markup, and other names are other anchors", ({
  expect,
}) => {
  fc.assert(
    fc.property(fc.uniqueArray(hostile, { minLength: 2, maxLength: 6 }), (names) => {
      const page = renderReference(
        Description.parse({
          info: { title: names[0], version: names[1], description: names[0] },
          tags: names.map((name) => ({ name, description: name })),
          paths: Object.fromEntries(names.map((name) => [name, { get: operationNamed(name) }])),
          components: {
            schemas: Object.fromEntries(
              names.map((name) => [
                name,
                {
                  description: name,
                  type: name,
                  enum: [name],
                  pattern: name,
                  properties: { [name]: { $ref: `#/components/schemas/${name}`, description: name } },
                },
              ]),
            ),
            examples: {},
            headers: Object.fromEntries(names.map((name) => [name, { description: name }])),
            securitySchemes: {},
          },
          "x-holt-errors": names.map((code) => ({ code, status: 400, retryable: true, when: code })),
          "x-holt-outcomes": names.map((code) => ({ code, retryable: true, blame: code, next: code })),
        }),
      );
      const elements = elementsOf(page.replace(/<style>[^<]*<\/style>/, ""));
      const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const links = elements.flatMap(({ attributes }) => attributes.get("href") ?? []);
      expect(links.filter((link) => !/^#|^\/docs$|^\/openapi\.json$|^data:,$/.test(link))).toEqual([]);
      expect(elements.filter(({ name }) => name === "script" || name === "img")).toEqual([]);
      for (const name of names.filter((each) => !each.includes("`"))) {
        expect(elements.some(({ text }) => text.includes(name))).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

function operationNamed(name: string) {
  const content = { [name]: { schema: { type: name }, example: { [name]: [name] } } };
  return {
    operationId: name,
    summary: name,
    description: name,
    tags: [name],
    "x-holt-scope": name,
    "x-holt-door": name,
    parameters: [
      { name, in: "query", required: true, description: name, schema: { const: name }, example: name },
    ],
    requestBody: { required: true, content },
    responses: {
      200: { description: name, headers: { [name]: {} }, content },
      400: { description: name, content: { [name]: { schema: {}, examples: { [name]: {} } } } },
    },
    "x-codeSamples": [{ label: name, source: name }],
  };
}
