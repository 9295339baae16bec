import { readFileSync } from "node:fs";
import { test } from "vitest";
import { findFreePort } from "../../local/engine/listen.ts";
import { beatEnvironment, environment } from "./environment.ts";
import { readOptions, usage } from "./options.ts";
import { runKit } from "./programs.ts";
import { count, toJson, toLines } from "./report.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";

const where = ["--url", "http://127.0.0.1:8080", "--agent-dir", "agents"];

test("what nobody can mean is misuse, in words and with exit code 2", async ({ expect }) => {
  for (const args of [
    [],
    ["--url", "http://127.0.0.1:8080"],
    ["--url", "https://example.com/path", "--agent-dir", "x"],
    [...where, "--only", "no-such-row"],
    [...where, "--object-port", "many"],
    [...where, "--at-once", "0"],
    [...where, "--what"],
  ]) {
    expect([args, readOptions(args, rows).kind]).toEqual([args, "misuse"]);
  }
  const { exitCode, stderr, stdout } = await runKit(["--only", "nothing"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--url and --agent-dir are needed");
  expect(stdout).toBe("");
});

test("a harness that does not answer is exit code 4", async ({ expect }) => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const { exitCode, stderr } = await runKit(["--url", url, "--agent-dir", "unused"]);
  expect(exitCode).toBe(4);
  expect(stderr).toContain(`nothing that is a harness answers ${url}/health`);
});

test("rows are chosen by id, by group and by kind, and left out likewise", ({ expect }) => {
  const chosen = (...args: readonly string[]): readonly string[] => {
    const asked = readOptions([...where, ...args], rows);
    return asked.kind === "run" ? asked.options.rows.map(({ id }) => id) : [];
  };
  expect(chosen()).toHaveLength(rows.length);
  expect(chosen("--only", "health", "--only", "spans")).toEqual(["health", "spans"]);
  expect(chosen("--only", "protocol", "--skip", "secret")).not.toContain("secret");
  expect(chosen("--only", "contract").length + chosen("--only", "beyond").length).toBe(rows.length);
});

test("the help names every variable that the harness under test is started with", ({ expect }) => {
  const variables = Object.entries({ ...environment, ...beatEnvironment(8799) });
  expect(variables.filter(([name, value]) => !usage.includes(`${name}=${value}`))).toEqual([]);
});

test("the variables are printed as Docker reads them from a file", async ({ expect }) => {
  const { exitCode, stdout } = await runKit(["--environment"]);
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  expect([exitCode, stdout]).toEqual([0, lines.join("")]);
});

test("the page about the kit has every row with its kind and title, and no other", ({ expect }) => {
  const page = readFileSync("docs/conformance.md", "utf8");
  const listed = page.split("\n").filter((line) => /^\| `[a-z-]+` \| (?:contract|beyond)/.test(line));
  const named = ({ id, kind, title, defects = [] }: Row): string =>
    `| \`${id}\` | ${[kind, ...(defects.length > 0 ? [defects.join(", ")] : [])].join(" ")} | ${title} |`;
  expect(listed.map((line) => line.replaceAll(/ +\|/g, " |"))).toEqual(rows.map(named));
});

test("the page has every variable that the harness under test is started with", ({ expect }) => {
  const page = readFileSync("docs/conformance.md", "utf8");
  const variables = Object.entries({ ...environment, ...beatEnvironment(8799) });
  expect(variables.filter(([name, value]) => !page.includes(`${name}=${value}`))).toEqual([]);
});

test("every row has an id of its own, and what goes beyond the contract is no contract", ({ expect }) => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.filter(({ kind, defects }) => kind === "contract" && defects !== undefined)).toEqual([]);
  expect(rows.filter(({ title }) => title.endsWith("."))).toEqual([]);
});

test("a failed row is told with what was expected and seen, a skipped one with its reason", ({ expect }) => {
  const [row] = rows;
  if (row === undefined) throw new Error("there are no rows");
  const failed = { row, verdict: { kind: "fail", expected: "this", seen: "that" }, tookMs: 1 } as const;
  const skipped = { row, verdict: { kind: "skipped", reason: "not offered" }, tookMs: 1 } as const;
  expect(toLines(failed).join("\n")).toMatch(/^FAIL .*health.*\n\s+expected this\n\s+seen {5}that$/);
  expect(toLines(skipped).join("\n")).toMatch(/^skipped .*\(not offered\)$/);
  expect(count([failed, skipped])).toEqual({ passed: 0, failed: 1, skipped: 1 });
  expect(JSON.parse(toJson([failed]))).toMatchObject({
    failed: 1,
    rows: [{ id: row.id, group: row.group, verdict: { kind: "fail" } }],
  });
});
