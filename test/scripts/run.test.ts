import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { makeProject } from "./project.ts";

const firstCall = "ci --include=dev --include=optional --no-audit --no-fund --loglevel=error";

/** A Node that says it is 20, as a newcomer's machine may have. */
const asNode20 = [
  "--import",
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.11.0"})',
];

test("what is missing is installed, and the program goes on under the Node that came with it", async ({
  expect,
}) => {
  await using project = await makeProject();
  const { exitCode, stdout, stderr } = await project.run({ args: ["--once", "a b"], flags: asNode20 });
  const said: unknown = JSON.parse(stdout);
  expect(said).toMatchObject({ args: ["--once", "a b"] });
  expect(said).toHaveProperty("path", expect.stringMatching(`^${join(project.dir, "node_modules/.bin")}:`));
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: "holt: installing what package-lock.json names …",
  });
  expect(await project.npmCalls()).toEqual([firstCall]);
});

test("nothing is installed where everything is there, an optional package of another platform aside", async ({
  expect,
}) => {
  await using project = await makeProject();
  await project.install();
  expect(await project.run()).toMatchObject({ exitCode: 3, stderr: "" });
  expect(await project.npmCalls()).toEqual([]);
});

test("another version than the lockfile's, or a record not written to its end, is installed anew", async ({
  expect,
}) => {
  await using project = await makeProject();
  await project.install({ "node_modules/tool": { version: "1.2.2" } });
  await project.run({ env: { FAKE_NPM_NODE: "none" } });
  expect(await project.npmCalls()).toEqual([firstCall]);
  await writeFile(join(project.dir, "node_modules/.package-lock.json"), '{"packages":{"node_mod');
  await project.run({ env: { FAKE_NPM_NODE: "none" } });
  expect(await project.npmCalls()).toEqual([firstCall, firstCall]);
});

test("an install that leaves out what the lockfile names says so and goes on", async ({ expect }) => {
  await using project = await makeProject();
  const { exitCode, stderr } = await project.run({ env: { FAKE_NPM: "partial" } });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("names what npm does not install: node_modules/tool");
});

test("an install that fails is tried once more; after two the program is not run", async ({ expect }) => {
  await using lucky = await makeProject();
  expect(await lucky.run({ env: { FAKE_NPM: "fail,install" } })).toMatchObject({ exitCode: 3 });
  expect(await lucky.npmCalls()).toEqual([firstCall, `${firstCall} --prefer-offline`]);
  await using unlucky = await makeProject();
  const { exitCode, stdout, stderr } = await unlucky.run({ env: { FAKE_NPM: "fail,fail" } });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain("npm ci failed twice");
});

test("an install that hangs is ended at its limit, and tried once more", async ({ expect }) => {
  await using project = await makeProject();
  const env = { FAKE_NPM: "hang,install", HOLT_INSTALL_LIMIT_SECONDS: "2" };
  const { exitCode, stderr } = await project.run({ env });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("npm ci failed; once more");
  expect((await project.npmCalls()).at(-1)).toContain("--prefer-offline");
});

test("an install that is interrupted is not tried again", async ({ expect }) => {
  await using project = await makeProject();
  const running = project.run({ env: { FAKE_NPM: "hang,install" } });
  for await (const line of running.iterable({ from: "stdout" })) {
    if (line === "npm hangs") running.kill("SIGTERM");
  }
  expect(await running).toMatchObject({ exitCode: 143 });
  expect(await project.npmCalls()).toHaveLength(1);
});

test("without a packaged Node an old one is refused in words, and a current one goes on", async ({
  expect,
}) => {
  await using project = await makeProject();
  const env = { FAKE_NPM_NODE: "none" };
  const refused = await project.run({ env, flags: asNode20 });
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toContain("run this with Node 24 or later");
  expect(await project.run({ env })).toMatchObject({ exitCode: 3 });
});

test("a signal reaches the program, and its exit code is the answer", async ({ expect }) => {
  await using project = await makeProject();
  await project.install();
  const running = project.run({ args: ["--wait"] });
  for await (const line of running.iterable({ from: "stdout" })) {
    if (line.includes("--wait")) running.kill("SIGTERM");
  }
  expect(await running).toMatchObject({ exitCode: 7 });
});
