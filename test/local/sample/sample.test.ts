/** The real Pi CLI, the scripted model and a real clone from the git server: what `npm start` shows, without Holt in between. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import { always, say } from "../../../local/model/script.ts";
import { sampleFix } from "../../../local/sample/fix.ts";
import { createSampleRepository, samplePrompt } from "../../../local/sample/sample.ts";
import { test as base, withCredentials } from "../git-server/fixtures.ts";
import { provideStartModel, token } from "../model/fixtures.ts";
import type { PiEnd, PiEvent } from "./pi.ts";
import { runPi } from "./pi.ts";

const test = base
  .extend("checkout", async ({ folder, git, sample }) => {
    const checkout = join(folder, "checkout");
    await git.run(folder, ["clone", "--quiet", "--depth", "1", withCredentials(sample.cloneUrl), checkout]);
    await git.run(checkout, ["checkout", "--quiet", "-b", "holt/fix"]);
    return checkout;
  })
  .extend("startModel", provideStartModel);

function finalText({ events }: PiEnd): string {
  const last = events.findLast(
    ({ type, message }) => type === "message_end" && message?.role === "assistant",
  );
  return JSON.stringify(last?.message);
}

function textOf({ result }: PiEvent): string {
  return result?.content.map(({ text }) => text ?? "").join("") ?? "";
}

function runTests(checkout: string): Promise<{ failed: boolean; stdout: string }> {
  return execa(process.execPath, ["--test"], { cwd: checkout, reject: false });
}

test("the sample project has one red test, and one edited line makes all green", async ({
  expect,
  checkout,
}) => {
  const before = await runTests(checkout);
  expect(before.failed).toBe(true);
  expect(before.stdout).toMatch(/pass 4\n.* fail 1\n/);
  const file = join(checkout, sampleFix.file);
  const source = await readFile(file, "utf8");
  expect(source.split(sampleFix.oldText)).toHaveLength(2);
  await writeFile(file, source.replace(sampleFix.oldText, sampleFix.newText));
  const after = await runTests(checkout);
  expect(after.failed).toBe(false);
  expect(after.stdout).toMatch(/pass 5\n.* fail 0\n/);
});

test("Pi finds the tests red, edits one line, finds them green and commits", async ({
  expect,
  checkout,
  folder,
  git,
  sample,
  startModel,
}) => {
  const model = await startModel(fixFailingTest);
  const end = await runPi({ folder, checkout, model, token, prompt: samplePrompt });
  expect([end.exitCode, end.stderr]).toEqual([0, ""]);

  const ended = end.events.filter(({ type }) => type === "tool_execution_end");
  expect(ended.map(({ toolName, isError }) => [toolName, isError])).toEqual([
    ["bash", true],
    ["read", false],
    ["edit", false],
    ["bash", false],
    ["bash", false],
  ]);
  expect(ended.map(textOf)).toMatchObject([
    expect.stringMatching(/ fail 1\n[\s\S]*Command exited with code 1$/),
    expect.stringContaining(sampleFix.oldText),
    expect.stringContaining("Successfully replaced 1 block(s)"),
    expect.stringMatching(/ pass 5\n.* fail 0\n/),
    expect.stringContaining("1 file changed, 1 insertion(+), 1 deletion(-)"),
  ]);
  const types = end.events.map(({ type }) => type);
  expect([types[0], types[1], ...types.slice(-2)]).toEqual([
    "session",
    "agent_start",
    "agent_end",
    "agent_settled",
  ]);
  expect(finalText(end)).toContain("[scripted] Fixed: ");

  expect(await git.run(checkout, ["log", "--format=%s", "origin/main.."])).toBe(sampleFix.commitMessage);
  expect(await git.run(checkout, ["status", "--porcelain"])).toBe("");
  await git.run(checkout, ["push", "--quiet", withCredentials(sample.cloneUrl), "holt/fix"]);
  const served = join(folder, "served-branch");
  await git.run(folder, ["clone", "--quiet", "--branch", "holt/fix", sample.path, served]);
  expect(await runTests(served)).toMatchObject({ failed: false });
});

test("the model was asked with its token and with the prompt, and never with anything else's", async ({
  expect,
  checkout,
  folder,
  startModel,
}) => {
  const model = await startModel(fixFailingTest);
  await runPi({ folder, checkout, model, token, prompt: samplePrompt });
  expect(model.requests()).toHaveLength(6);
  for (const { authorization, conversation } of model.requests()) {
    expect([authorization, conversation?.prompt]).toEqual([`Bearer ${token}`, samplePrompt]);
  }
});

test("where the tests are green already, Pi changes nothing and the text says so", async ({
  expect,
  checkout,
  folder,
  git,
  startModel,
}) => {
  const file = join(checkout, sampleFix.file);
  const source = await readFile(file, "utf8");
  await writeFile(file, source.replace(sampleFix.oldText, sampleFix.newText));
  await git.run(checkout, ["commit", "--quiet", "--all", "-m", "fixed by someone else"]);
  const end = await runPi({
    folder,
    checkout,
    model: await startModel(fixFailingTest),
    token,
    prompt: samplePrompt,
  });
  expect(finalText(end)).toContain("was expected to be red first");
  expect(await git.run(checkout, ["log", "--format=%s", "-1"])).toBe("fixed by someone else");
});

test("an exhausted budget ends Pi with exit code 0 and an error message in the stream", async ({
  expect,
  checkout,
  folder,
  startModel,
}) => {
  const model = await startModel(always({ kind: "http-error", status: 402, message: "budget exhausted" }));
  const end = await runPi({ folder, checkout, model, token, prompt: samplePrompt });
  expect(end.exitCode).toBe(0);
  expect(finalText(end)).toMatch(/"stopReason":"error".*402:.*budget exhausted/);
  expect(model.requests()).toHaveLength(1);
});

test("a prompt that looks like a path or a flag arrives as it is", async ({
  expect,
  checkout,
  folder,
  startModel,
}) => {
  const model = await startModel(always(say("understood")));
  for (const prompt of ["@README.md", "--version", "!ls", "/help"]) {
    const end = await runPi({ folder, checkout, model, token, prompt });
    expect(finalText(end)).toContain("[scripted] understood");
    expect(model.requests().at(-1)?.conversation?.prompt).toBe(prompt);
  }
});

test("the sample is made once, and its first commit is always the same", async ({
  expect,
  sample,
  server,
}) => {
  const head = await server.branch(sample.owner, sample.name, sample.baseBranch);
  expect(await createSampleRepository(server)).toEqual(sample);
  expect(await server.branch(sample.owner, sample.name, sample.baseBranch)).toBe(head);
  const other = await createSampleRepository(server, { owner: "holt", name: "other", baseBranch: "main" });
  expect(await server.branch(other.owner, other.name, other.baseBranch)).toBe(head);
});
