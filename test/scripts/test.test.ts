import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";

const script = new URL("../../scripts/test.ts", import.meta.url).pathname;

/** The last line and the exit code of `npm test` over these files. */
async function runOver(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const dir = await mkdtemp(join(tmpdir(), "holt-counts-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    const options = ["--root", dir, "--globals", ...args];
    // A run inside a run: what vitest tells its own workers is not for the inner one.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")),
    );
    const ran = await execa(process.execPath, [script, ...options], { env, extendEnv: false, reject: false });
    return { exitCode: ran.exitCode, lastLine: ran.stdout.split("\n").at(-1) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test("passed and failed tests are counted, and a file that cannot be loaded is one failure", async ({
  expect,
}) => {
  const passing = 'test("a", () => {}); test("b", ({ skip }) => skip()); test("c", () => {});';
  expect(await runOver({ "a.test.mjs": passing })).toEqual({ exitCode: 0, lastLine: "2 passed, 0 failed" });
  const counts = await runOver({
    "a.test.mjs": passing,
    "b.test.mjs": 'test("d", () => { throw new Error("red"); });',
    "c.test.mjs": 'import "./nowhere.mjs"; test("e", () => {});',
  });
  expect(counts).toEqual({ exitCode: 1, lastLine: "2 passed, 2 failed" });
});

test("an error outside of any test, a crash and a misunderstood option each end in a counted failure", async ({
  expect,
}) => {
  const late =
    'process.on("exit", () => {}); test("a", async () => { void Promise.reject(new Error("late")); });';
  expect(await runOver({ "a.test.mjs": late })).toEqual({ exitCode: 1, lastLine: "1 passed, 1 failed" });
  const crash = 'test("a", () => { process.kill(process.ppid, "SIGKILL"); });';
  const crashed = await runOver({ "a.test.mjs": crash }, "--pool=forks");
  expect(crashed).toEqual({ exitCode: 1, lastLine: "0 passed, 1 failed" });
  expect(await runOver({}, "--no-such-option")).toEqual({ exitCode: 1, lastLine: "0 passed, 1 failed" });
});

test("what needs a browser runs where its project is named, and nowhere else", async ({ expect }) => {
  const project = (name: string) => ({ test: { name, globals: true, include: [`${name}.test.mjs`] } });
  const config = { test: { projects: [project("plain"), project("browser")] } };
  const files = {
    "vitest.config.mjs": `export default ${JSON.stringify(config)};`,
    "plain.test.mjs": 'test("a", () => {}); test("b", () => {});',
    "browser.test.mjs": 'test("c", () => {});',
  };
  expect(await runOver(files)).toEqual({ exitCode: 0, lastLine: "2 passed, 0 failed" });
  const named = await runOver(files, "--project=browser");
  expect(named).toEqual({ exitCode: 0, lastLine: "1 passed, 0 failed" });
});
