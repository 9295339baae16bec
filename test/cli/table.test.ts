import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { test } from "vitest";
import { commands } from "../../cli/commands.ts";
import { plain } from "../../cli/paint.ts";
import { commandHelp, overview } from "../../cli/text/help-text.ts";
import { bashScript } from "../../cli/completion/bash.ts";
import { fishScript } from "../../cli/completion/fish.ts";
import { zshScript } from "../../cli/completion/zsh.ts";
import { version } from "../../cli/version.ts";

const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");

test("the command says the package's version", async ({ expect }) => {
  const manifest: unknown = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  );
  expect(manifest).toMatchObject({ version });
});

test("help lists every command, and each has examples that begin with it or lead to it", ({ expect }) => {
  const all = overview(commands, plain);
  for (const command of commands) {
    expect(all).toContain(`  ${command.name} `);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line] of command.examples) expect(line).toContain(`holt ${command.name}`);
  }
});

test("help fits a terminal of 80 columns, examples aside", ({ expect }) => {
  const wide = commands.flatMap((command) =>
    (commandHelp(command, plain).split("examples:")[0] ?? "").split("\n").filter((line) => line.length > 80),
  );
  expect([
    ...wide,
    ...overview(commands, plain)
      .split("\n")
      .filter((line) => line.length > 100),
  ]).toEqual([]);
});

test("the page has every command with every option of its own", ({ expect }) => {
  const missing = commands.flatMap(({ name, flags }) => {
    const section = page.split(`\n## holt ${name}\n`)[1]?.split("\n## ")[0];
    if (section === undefined) return [name];
    const common = new Set(["url", "token", "json", "retry-for"]);
    return Object.keys(flags)
      .filter((flag) => !common.has(flag) && !section.includes(`--${flag}`))
      .map((flag) => `${name} --${flag}`);
  });
  expect(missing).toEqual([]);
});

/** What bash offers for a line that is being typed. */
async function complete(line: string): Promise<readonly string[]> {
  const words = line.split(" ");
  const script = `${bashScript(commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _holt
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa("bash", ["--norc", "-c", script]);
  return stdout.split("\n").filter((word) => word !== "");
}

test("bash completes commands, options and their values", async ({ expect }) => {
  expect(await complete("holt wa")).toEqual(["watch"]);
  expect(await complete("holt cancel --w")).toEqual(["--wait"]);
  expect(await complete("holt dispatch --mode e")).toEqual(["explore"]);
  expect(await complete("holt extend exec_1 max")).toEqual(["max-duration"]);
  expect(await complete("holt verify pack")).toContain("package.json");
});

test.for([
  ["zsh", zshScript],
  ["fish", fishScript],
] as const)(
  "the script for %s names every command and option, and its quotes are closed",
  ([, script], { expect }) => {
    const text = script(commands);
    for (const { name, flags } of commands) {
      expect(text).toContain(name);
      for (const flag of Object.keys(flags)) expect(text).toMatch(new RegExp(`(--|-l )${flag}`));
    }
    const quotes = text.replaceAll(/'\\''|\\'/g, "").split("'").length - 1;
    expect(quotes % 2).toBe(0);
  },
);
