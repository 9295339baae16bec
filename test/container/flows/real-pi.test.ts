import { systemRandom } from "../../../container/system.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, test } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import { startGitHub } from "../../../local/github/github.ts";
import { startGitServer } from "../../../local/git-server/git-server.ts";
import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import { startModelServer } from "../../../local/model/model-server.ts";
import { type Script, always, runInTurn } from "../../../local/model/script.ts";
import { ghToken, runGit, writeFiles } from "../git-host.ts";
import { makeFolder, namesOfProcessesIn, realClock } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { makeContext, stopped } from "../recording-context.ts";

const modelToken = "model-token-0123456789";
const binaries = new URL("../../../node_modules/.bin", import.meta.url).pathname;
const sampleProject = new URL("../../../local/sample/project", import.meta.url).pathname;

type SampleOptions = { readonly userPrompt?: string; readonly source?: string };

/** The real Pi on the sample repository or another one, with a scripted model. */
async function openSample(script: Script, options: SampleOptions = {}) {
  const { userPrompt = "Fix the failing test.", source = sampleProject } = options;
  const folder = await makeFolder();
  const log = (): void => undefined;
  const git = await startGitServer({ root: join(folder, "served"), token: ghToken, log });
  const github = await startGitHub({ token: ghToken, git, log });
  const model = await startModelServer({ script, token: modelToken, log });
  onTestFinished(async () => {
    for (const server of [git, github, model]) await server.close();
  });
  await git.createRepository("octo", "app", source, "main");
  const job = makeJob({
    userPrompt,
    agent: { kind: "pi", proxyBaseUrl: model.url, sessionToken: modelToken },
    repo: { owner: "octo", name: "app", baseBranch: "main", cloneUrl: git.repositoryUrl("octo", "app") },
    githubApiBase: github.url,
    pr: { title: "Fix the test", body: "" },
  });
  const recording = await makeContext(folder, { secrets: [ghToken, modelToken] });
  const env = { ...process.env, PATH: `${binaries}:${process.env["PATH"]}` };
  const flow = createFlow({
    clock: realClock,
    env,
    fetch,
    random: systemRandom,
    workspaces: { root: "/nowhere", keep: [] },
    user: null,
    ownsAccount: () => false,
  });
  return { folder, git, github, model, recording, run: () => flow(job, recording.context) };
}

test("the real Pi fixes the sample: red, edit, green, commit, push, pull request", async ({ expect }) => {
  const sample = await openSample(fixFailingTest);
  const terminal = await sample.run();
  expect(terminal).toMatchObject({ state: "done", result: { pushed: true, branch: "cat/1" } });
  expect(terminal.result?.prUrl).toBe(`${sample.github.url}/octo/app/pull/1`);
  const tools = sample.recording.reported.flatMap((report) =>
    report.kind === "tool-end" ? [`${report.tool} ${report.ok}`] : [],
  );
  expect(tools.slice(0, 4)).toEqual(["bash false", "read true", "edit true", "bash true"]);
  expect(sample.recording.reported.some(({ kind }) => kind === "usage")).toBe(true);
  const served = sample.git.repositoryPath("octo", "app");
  expect(await runGit(sample.folder, "-C", served, "diff", "--stat", "main", "cat/1")).toContain(
    "src/duration.js",
  );
});

test("the list of steps that the real Pi's model keeps is progress", async ({ expect }) => {
  const tasks = [
    { subject: "Read", status: "completed" },
    { subject: "Fix", status: "in_progress" },
  ];
  const sample = await openSample(({ toolResults }) =>
    toolResults.length === 0
      ? { kind: "tool", name: "todo", args: { tasks } }
      : { kind: "text", text: "planned" },
  );
  expect(await sample.run()).toMatchObject({ state: "done", result: { summary: "planned" } });
  expect(sample.recording.reported).toContainEqual({ kind: "progress", completed: 1, total: 2 });
});

test("a model whose budget is spent fails the job of the real Pi, though Pi exits with 0", async ({
  expect,
}) => {
  const sample = await openSample(always({ kind: "http-error", status: 402, message: "budget exhausted" }));
  expect(await sample.run()).toMatchObject({
    state: "failed",
    failureCause: "agent",
    error: expect.stringMatching(/^402: .*budget exhausted/),
  });
  expect(sample.git.pushes()).toEqual([]);
});

test("a prompt that is a command of Pi's reaches the model as a task", async ({ expect }) => {
  const sample = await openSample(always({ kind: "text", text: "ok" }), {
    userPrompt: "/llama is what this is about",
  });
  expect(await sample.run()).toMatchObject({ state: "done", result: { summary: "ok" } });
  expect(JSON.stringify(sample.model.requests())).toContain("/llama is what this is about");
});

test("the real Pi runs and believes nothing that the repository has for it", async ({ expect }) => {
  const folder = await makeFolder();
  const [source, loot, trap] = [join(folder, "source"), join(folder, "loot"), join(folder, "trap.sh")];
  const extension = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(loot)}, "ran");\nexport default function () {}\n`;
  await writeFiles(folder, { "trap.sh": `#!/bin/sh\necho ran > ${loot}\n` });
  await writeFiles(source, {
    "README.md": "hello\n",
    "AGENTS.md": "planted-words\n",
    ".pi/SYSTEM.md": "planted-words\n",
    ".pi/APPEND_SYSTEM.md": "planted-words\n",
    ".pi/settings.json": JSON.stringify({ shellPath: trap, shellCommandPrefix: trap }),
    ".pi/extensions/planted.ts": extension,
    ".pi/skills/planted/SKILL.md": "---\nname: planted\ndescription: planted-words\n---\nplanted-words\n",
  });
  const sample = await openSample(runInTurn(["echo hello"], "done"), { source });
  expect(await sample.run()).toMatchObject({ state: "done" });
  expect(existsSync(loot)).toBe(false);
  expect(JSON.stringify(sample.model.requests())).not.toContain("planted-words");
  // the trap does work: Pi that is told to trust the repository springs it, before it finds that it has no model
  const env = { ...process.env, PI_CODING_AGENT_DIR: join(folder, "agent") };
  const naive = ["-p", "--offline", "--no-session", "--approve", "hello"];
  await execa(join(binaries, "pi"), naive, { cwd: source, env, reject: false, stdin: "ignore" });
  expect(existsSync(loot)).toBe(true);
});

test("a stop in the middle of a tool call leaves no process of the real Pi's", async ({ expect }) => {
  const command = "trap '' TERM; setsid sleep 300 & sleep 301 & sleep 302";
  const sample = await openSample(runInTurn([command], "done"));
  const running = sample.run();
  await sample.recording.waitFor(({ kind }) => kind === "tool-start");
  await expect.poll(() => namesOfProcessesIn(sample.recording.context.folder)).toContain("sleep");
  sample.recording.stop(stopped);
  expect(await running).toMatchObject({ state: "failed", error: "cancelled: not needed" });
  expect(await namesOfProcessesIn(sample.recording.context.folder)).toEqual([]);
});
