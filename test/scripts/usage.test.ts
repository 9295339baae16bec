import { parseArgs } from "node:util";
import { execa } from "execa";
import { test } from "vitest";
import { ask, choose, toCount } from "../../scripts/usage.ts";

const usage = "usage: npm run it -- [--runs N]";
const read = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: { runs: { type: "string" } } }).values.runs;

test("what is understood is what is wanted, and --help beside it reads nothing", ({ expect }) => {
  expect(ask(usage, ["--runs", "3"], read)).toEqual({ kind: "run", wanted: "3" });
  expect(ask(usage, ["--no-such-option", "--help"], read)).toEqual({ kind: "help", text: usage });
});

test("an unknown option, a stray argument and a thrown word are errors in words above the usage", ({
  expect,
}) => {
  const said = (args: readonly string[]) => ask(usage, args, read);
  expect(said(["--no-such-option"])).toMatchObject({
    kind: "misuse",
    text: expect.stringMatching(/^Unknown option '--no-such-option'[^]*\n\nusage: /),
  });
  expect(said(["stray"])).toMatchObject({ kind: "misuse", text: expect.stringContaining("'stray'") });
  expect(ask(usage, [], () => toCount("--runs", "1e3"))).toMatchObject({
    kind: "misuse",
    text: `--runs takes a whole number from 1 on, not "1e3"\n\n${usage}`,
  });
});

test("names choose among all, none takes all, and an unknown one is an error", ({ expect }) => {
  const all = ["a", "b", "c"];
  expect(choose(all, ["c", "a"])).toEqual(["a", "c"]);
  expect(choose(all, [])).toEqual(all);
  expect(() => choose(all, ["a", "d"])).toThrow("there is no d among a, b, c");
});

test.for([
  ["mutants", "scripts/mutants.ts"],
  ["simulate", "test/simulation/simulate.ts"],
  ["simulate:mutants", "test/simulation/mutants.ts"],
  ["faults", "test/e2e/faults/run.ts"],
  ["screenshots", "test/browser/screenshots/take.ts"],
  ["bench:board", "bench/board.ts"],
] as const)(
  "npm run %s prints its usage, and runs nothing for an unknown option",
  async ([name, script], { expect }) => {
    const run = (option: string) =>
      execa(process.execPath, [script, option], { reject: false, timeout: 20_000, stdin: "ignore" });
    const [helped, refused] = await Promise.all([run("--help"), run("--no-such-option")]);
    expect(helped).toMatchObject({ exitCode: 0, stderr: "" });
    expect(helped.stdout).toMatch(new RegExp(`^usage: npm run ${name}\\b`));
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^Unknown option '--no-such-option'/);
  },
);
