import { readFileSync } from "node:fs";
import { test } from "vitest";
import { Endpoints } from "../../../shared/endpoints.ts";
import { parseJobBody } from "../../../shared/job-body.ts";
import { descriptions } from "../../../shared/openapi/descriptions.ts";
import { JobSpec } from "../../../shared/openapi/job-spec.ts";
import { jobRequest } from "../../../shared/openapi/examples.ts";
import { Refusals } from "../../../shared/openapi/refusals.ts";
import { document } from "./described.ts";

const { schemas } = document.components;

test("every field of every schema is described, and nothing else is", ({ expect }) => {
  const fields = new Set<string>();
  for (const [name, schema] of Object.entries(schemas)) fieldsIn(schema, name, fields);
  expect([...fields].filter((path) => descriptions[path] === undefined)).toEqual([]);
  expect(Object.keys(descriptions).filter((path) => !fields.has(path))).toEqual([]);
});

test("every schema is described, and every reference leads to one", ({ expect }) => {
  const unexplained = Object.entries(schemas).filter(
    ([, schema]) => typeof schema["description"] !== "string",
  );
  expect(unexplained.map(([name]) => name)).toEqual([]);
  const named = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
    ([, name = ""]) => name,
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => schemas[name] === undefined)).toEqual([]);
});

test("the job's schema has the fields of the protocol's page, and no other", ({ expect }) => {
  const page = readFileSync("docs/protocol.md", "utf8");
  const table = page.slice(page.indexOf("Fields of a job;"), page.indexOf("Unknown fields pass through"));
  const named = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name = ""]) => name),
  );
  const known = [...Object.keys(JobSpec.shape), "instanceType"];
  expect([...new Set(named)].toSorted()).toEqual(known.toSorted());
});

const agents = {
  pi: { proxyBaseUrl: "https://models.example/v1", sessionToken: "s" },
  codex: { harness: "codex", subscriptionToken: "t" },
} as const;
const { proxyBaseUrl: _url, sessionToken: _token, ...body } = jobRequest;

test.for(Object.entries(agents))(
  "a field is required by the schema or the words beside it where the parser demands it: %s",
  ([, agent], { expect }) => {
    const whole: Readonly<Record<string, unknown>> = { ...body, ...agent };
    const isTaken = (fields: Readonly<Record<string, unknown>>): boolean =>
      parseJobBody(fields, { allowedHosts: ["github.com"] }).ok;
    expect(isTaken(whole)).toBe(true);
    // without its name another agent is meant
    for (const name of Object.keys(JobSpec.shape).filter((each) => each !== "harness")) {
      const { [name]: _left, ...rest } = whole;
      const isSaid = /\bRequired (?:but|for)/.test(descriptions[`JobSpec.${name}`] ?? "");
      const isDemanded = !JobSpec.safeParse(rest).success || (isSaid && Object.hasOwn(whole, name));
      expect([name, isTaken(rest)]).toEqual([name, !isDemanded]);
    }
  },
);

test("what the parser takes the schema takes too", ({ expect }) => {
  for (const mode of ["coding", "explore", "preview"]) {
    for (const agent of Object.values(agents)) JobSpec.parse({ ...body, ...agent, mode });
  }
  expect(JobSpec.safeParse({ ...body, mode: "dance" }).success).toBe(false);
});

test("the meaning of an error says what helps where a retry does not, and no summary of an endpoint is long", ({
  expect,
}) => {
  for (const { when, error } of Object.values(Refusals))
    expect(when.endsWith(".") && error !== "").toBe(true);
  expect(Endpoints.filter(({ summary }) => summary.length > 30)).toEqual([]);
});

/** By the path of names; items and alternatives add none. */
function fieldsIn(schema: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(schema)) for (const part of schema) fieldsIn(part, path, found);
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return;
  const { properties, items, anyOf, oneOf, allOf }: Record<string, unknown> = { ...schema };
  for (const part of [items, anyOf, oneOf, allOf]) fieldsIn(part, path, found);
  if (typeof properties !== "object" || properties === null) return;
  for (const [name, field] of Object.entries(properties)) {
    found.add(`${path}.${name}`);
    fieldsIn(field, `${path}.${name}`, found);
  }
}
