/** The embedding example as a program of its own, as a reader of the page would start it. */

import { chmod, readdir, readFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { startModelServer } from "../../local/model/model-server.ts";
import { startGitHub } from "../../local/github/github.ts";
import { startGitServer } from "../../local/git-server/git-server.ts";
import { ghToken, runGit } from "../container/git-host.ts";
import { makeFolder, namesOfProcessesIn } from "../container/job-folder.ts";
import { openShop } from "./shop.ts";

const project = new URL("../../", import.meta.url).pathname;
const example = join(project, "examples/embed/run.ts");
const agentProgram = new URL("agent-program.mjs", import.meta.url).pathname;
const modelToken = "model-token-0123456789";

type Start = {
  readonly folder: string;
  readonly path: string;
  readonly github: string;
  readonly model?: string;
  readonly args: readonly string[];
};

/** Everything the example leaves behind would stand below `folder`. */
async function start({ folder, path, github, model = "http://127.0.0.1:9/v1", args }: Start) {
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  const env = {
    PATH: `${path}:${process.env["PATH"]}`,
    HOME: folder,
    TMPDIR: temporary,
    GIT_TOKEN: ghToken,
    MODEL: "scripted",
    MODEL_URL: model,
    MODEL_TOKEN: modelToken,
    GITHUB_API: github,
  };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [example, ...args], {
    cwd: folder,
    env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: 25_000,
  });
  return { exitCode, stdout, stderr, lines: stdout.split("\n"), left: await readdir(temporary) };
}

async function openFakeAgent(act: string) {
  const folder = await makeFolder();
  const shop = await openShop(folder, { hasPullRequest: false, hasConflict: false });
  const bin = join(folder, "bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "pi"),
    `#!/bin/sh\nexec '${process.execPath}' '${agentProgram}' pi '${folder}' "$@"\n`,
  );
  await chmod(join(bin, "pi"), 0o755);
  await writeFile(join(folder, "plan.json"), JSON.stringify({ act, reply: "Shipped once.", toolCalls: 2 }));
  const args = [shop.git.repositoryUrl("acme", "shop"), "main", "work/1", "Ship once per payment."];
  return { folder, shop, begin: () => start({ folder, path: bin, github: shop.github.url, args }) };
}

test("the example clones, lets the agent work, pushes, and opens a pull request", async ({ expect }) => {
  const { folder, shop, begin } = await openFakeAgent(
    "echo '// once' >> src/shipping.js; cat /proc/self/environ",
  );
  const { exitCode, stderr, lines, left } = await begin();
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(lines).toEqual([
    expect.stringMatching(/^cloned [0-9a-f]{12}$/),
    "bash ok",
    "bash ok",
    expect.stringMatching(/^pushed [0-9a-f]{12} to work\/1$/),
    "Shipped once.",
    `opened ${shop.github.url}/acme/shop/pull/1`,
  ]);
  expect(await shop.inRepository("shop", "show", "work/1:src/shipping.js")).toContain("// once");
  expect(shop.github.pulls()).toMatchObject([
    { title: "Ship once per payment.", head: "work/1", base: "main" },
  ]);
  const record = JSON.parse(await readFile(join(folder, "record.json"), "utf8"));
  expect(record.stdin).toBe("Ship once per payment.");
  expect(record.output).not.toContain(ghToken);
  expect(left).toEqual([]);
  expect(await namesOfProcessesIn(folder)).toEqual([]);
});

test("the example pushes nothing of an agent that did nothing", async ({ expect }) => {
  const { shop, begin } = await openFakeAgent("true");
  const before = await shop.inRepository("shop", "for-each-ref");
  const { exitCode, lines, left } = await begin();
  expect([exitCode, lines.at(-1)]).toEqual([0, "no changes"]);
  expect(await shop.inRepository("shop", "for-each-ref")).toBe(before);
  expect([shop.github.requests(), left]).toEqual([[], []]);
});

test("the example keeps what an agent committed before it failed, and says why it failed", async ({
  expect,
}) => {
  const { shop, begin } = await openFakeAgent(
    `git commit -q --allow-empty -m Kept; echo half >> README.md; echo 'no route for ${modelToken}' >&2; exit 3`,
  );
  const { exitCode, lines, stdout, left } = await begin();
  expect(exitCode).toBe(1);
  expect(lines.at(-1)).toBe("failed: pi exited with code 3: no route for ***");
  expect(stdout).not.toContain(modelToken);
  expect(await shop.inRepository("shop", "log", "-1", "--format=%s", "work/1")).toBe("Kept");
  expect(await shop.inRepository("shop", "show", "work/1:README.md")).toBe("# Shop");
  expect([shop.github.pulls(), left]).toEqual([[], []]);
});

test("the example drives the real Pi with a scripted model", async ({ expect }) => {
  const folder = await makeFolder();
  const log = (): void => undefined;
  const git = await startGitServer({ root: join(folder, "served"), token: ghToken, log });
  const github = await startGitHub({ token: ghToken, git, log });
  const model = await startModelServer({ script: fixFailingTest, token: modelToken, log });
  onTestFinished(async () => {
    for (const server of [git, github, model]) await server.close();
  });
  await git.createRepository("octo", "app", join(project, "local/sample/project"), "main");
  const args = [git.repositoryUrl("octo", "app"), "main", "work/1", "Fix the failing test."];
  const path = join(project, "node_modules/.bin");
  const { exitCode, lines, left } = await start({ folder, path, github: github.url, model: model.url, args });
  expect(lines.at(-1)).toBe(`opened ${github.url}/octo/app/pull/1`);
  expect(exitCode).toBe(0);
  expect(lines).toEqual(expect.arrayContaining(["bash failed", "edit ok", "bash ok"]));
  const served = git.repositoryPath("octo", "app");
  expect(await runGit(folder, "-C", served, "diff", "--stat", "main", "work/1")).toContain("src/duration.js");
  expect(left).toEqual([]);
});
