import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "vitest";
import * as z from "zod";
import { AgentJob } from "../shared/job-body.ts";
import { FailureCause, JobResult } from "../shared/job-result.ts";
import { testTitlesIn } from "./test-titles.ts";

const page = readFileSync("docs/compatibility.md", "utf8");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
  .toString()
  .split("\n")
  .filter((file) => file.endsWith(".ts") && existsSync(file));

test("every numbered defect of the original has one row, with what happens now and a test", ({ expect }) => {
  const rows = rowsOf("The original's numbered defects");
  expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)));
  expect(rows.filter(([, text = ""]) => text.length < 20).map(([number]) => number)).toEqual([]);
  expect(rows.filter(([, , tests = ""]) => titlesIn(tests).length === 0).map(([number]) => number)).toEqual(
    [],
  );
});

test("every test that the page names exists and is not skipped", ({ expect }) => {
  const named = titlesIn(page);
  expect(named.length).toBeGreaterThan(50);
  const run = new Set(files.filter((file) => file.endsWith(".test.ts")).flatMap(titlesRunIn));
  expect(named.filter((title) => !run.has(title))).toEqual([]);
});

test("titles are read from tables and conditions, and what is skipped is known as such", ({ expect }) => {
  const source = `
    test("plain", () => {});
    test.for([["a(", /[)"]/], ["b"]] as const)("table %s", () => {});
    test.for<readonly [string]>([["x"]])(
      \`made \${up}\`, () => {});
    test.skipIf(!isHere("x"))("some machines", () => {});
    ${["test", "skip"].join(".")}("never", () => {});
    ${["test", "todo"].join(".")}("one day");
    const own = test.extend("fixture", () => 1);
    latest("no test");`;
  expect(
    testTitlesIn(source).map(({ title, isSkipped }) => (isSkipped ? `skipped: ${title}` : title)),
  ).toEqual(["plain", "table %s", "made ${up}", "some machines", "skipped: never", "skipped: one day"]);
});

test("every field of a job is compared with the original's", ({ expect }) => {
  const named = new Set(
    codeIn(rowsOf("Body fields").map(([field = ""]) => field)).map((path) => path.split(".").at(-1)),
  );
  // the shape of the parsed job, which a body does not have
  const ours = new Set(["agent", "auth"]);
  const fields = [...leavesOf(z.toJSONSchema(AgentJob))].filter((field) => !ours.has(field));
  expect(fields.length).toBeGreaterThan(40);
  expect(fields.filter((field) => !named.has(field))).toEqual([]);
});

test("every field and cause of a result is compared with the original's", ({ expect }) => {
  const named = codeIn(rowsOf("Results").map(([field = ""]) => field));
  const wanted = [...Object.keys(JobResult.shape), ...FailureCause.options];
  expect(wanted.filter((name) => !named.includes(name))).toEqual([]);
});

test("every text that the page promises is one of the program's", ({ expect }) => {
  const texts = codeIn(rowsOf("Texts").map(([text = ""]) => text));
  const source = files
    .filter((file) => /^(?:container|shared)\//.test(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const fixedParts = texts.flatMap((text) => text.split(/<[^>]*>/).filter((part) => part.length > 3));
  expect(texts.length).toBeGreaterThan(30);
  expect(fixedParts.filter((part) => !source.includes(part))).toEqual([]);
});

test("every variable that the harness reads is on the page", ({ expect }) => {
  const source = files
    .filter((file) => file.startsWith("container/"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const names = [
    ...source.matchAll(
      /\b(?:HARNESS|GITHUB)_[A-Z_]*[A-Z]\b|\bJOB_[A-Z_]*(?:_MS|_EDIT|_ERRORS|_CALLS)\b|"(?:PORT|WIREMOCK_JAR|WEB_SEARCH_PROVIDER)"/g,
    ),
  ];
  const read = new Set(names.map(([name]) => name.replaceAll('"', "")));
  const named = codeIn(rowsOf("Environment variables").map(([variable = ""]) => variable));
  expect(read.size).toBeGreaterThan(15);
  expect([...read].filter((name) => !named.includes(name))).toEqual([]);
});

/** The cells of the table below a heading. */
function rowsOf(heading: string): ReadonlyArray<readonly string[]> {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Where titles are the entries of a table, every string of the file may be one. */
function titlesRunIn(file: string): readonly string[] {
  const source = readFileSync(file, "utf8");
  const run = testTitlesIn(source).filter(({ isSkipped }) => !isSkipped);
  const isTable = run.some(({ title }) => /^(?:\$\{\w+\}|\$\w+|%s)$/.test(title));
  return [...run.map(({ title }) => title), ...(isTable ? titlesIn(source) : [])];
}

/** What stands in double quotes. */
function titlesIn(text: string): readonly string[] {
  return [...text.matchAll(/"([^"\n]+)"/g)].map(([, title = ""]) => title);
}

function codeIn(cells: readonly string[]): readonly string[] {
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
}

/** The names of all properties that hold a value, in a schema of any depth. */
function leavesOf(schema: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: unknown, name: string | null): void => {
    if (Array.isArray(node)) return node.forEach((item) => visit(item, name));
    if (typeof node !== "object" || node === null) return;
    const inner = Object.entries(node).filter(([key]) =>
      ["anyOf", "oneOf", "items", "allOf", "$defs"].includes(key),
    );
    const properties = Object.entries(node).find(([key]) => key === "properties")?.[1];
    if (name !== null && properties === undefined && inner.length === 0) found.add(name);
    for (const [key, value] of inner) {
      if (key === "$defs")
        Object.values(z.record(z.string(), z.unknown()).parse(value)).forEach((named) => visit(named, null));
      else visit(value, name);
    }
    if (typeof properties === "object" && properties !== null) {
      for (const [key, value] of Object.entries(properties)) visit(value, key);
    }
  };
  visit(schema, null);
  return found;
}
