import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { claudeCode } from "../../../container/agents/claude-code/claude-code.ts";
import { agentFailure, runAgent } from "../../../container/agents/run-agent.ts";
import { childEnvironment } from "../../../container/process/environment.ts";
import { fixtureProgram, makeFolder } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { makeContext } from "../recording-context.ts";

/** Prepares a run and starts the `claude` on PATH, which prints a recorded stream after it has read its task. */
async function replay(scenario: string, code: number) {
  const recording = await makeContext(await makeFolder(), { secrets: ["sk-ant-oat01-secret"] });
  const { folder, redact } = recording.context;
  const [bin, home, cwd] = ["bin", "home", "checkout"].map((name) => join(folder, name));
  if (bin === undefined || home === undefined || cwd === undefined) throw new Error("three folders");
  for (const path of [bin, home, cwd]) await mkdir(path);
  const stream = fixtureProgram(`../claude-code/2.1.330-${scenario}.jsonl`);
  const program = [process.execPath, fixtureProgram("replay.mjs"), stream, String(code)].join(" ");
  await writeFile(join(bin, "claude"), `#!/bin/sh\ncat > ${join(folder, "task")}\nexec ${program}\n`);
  await chmod(join(bin, "claude"), 0o755);
  const agent = {
    kind: "claude-code",
    auth: { kind: "token", subscriptionToken: "sk-ant-oat01-secret" },
  } as const;
  const job = makeJob({ agent });
  const command = await claudeCode.prepare({ job, instructions: "Be brief.\n", home, environment: {} });
  const end = await runAgent({
    agent: claudeCode,
    command,
    env: childEnvironment(process.env, {
      HOME: home,
      ...command.env,
      PATH: `${bin}:${process.env["PATH"]}`,
    }),
    cwd,
    user: null,
    guard: null,
    context: recording.context,
    onStart: () => undefined,
  });
  return { recording, end, failure: agentFailure(claudeCode, end, redact) };
}

test("a recorded run of Claude Code is reported call by call", async ({ expect }) => {
  const { recording, end, failure } = await replay("fix-failing-test", 0);
  expect(failure).toBeNull();
  expect(end.transcript.summary).toMatch(/^\[scripted\] Fixed/);
  const calls = recording.reported.flatMap((report) => (report.kind === "tool-end" ? [report.tool] : []));
  expect(calls).toEqual(["TodoWrite", "Bash", "Read", "Edit", "Bash", "Bash", "TodoWrite"]);
  expect(recording.reported.filter(({ kind }) => kind === "progress")).toHaveLength(2);
  expect(recording.reported.filter(({ kind }) => kind === "note")).toEqual([]);
  expect(recording.activity()).toBeGreaterThan(0);
});

test("a model that refuses Claude Code is a failure in its words, though Claude Code ends with 0", async ({
  expect,
}) => {
  const { failure } = await replay("model-error-402", 0);
  expect(failure).toMatch(/^API Error: 402 \[scripted\] budget exhausted/);
});

test("a model that refuses Claude Code is told as the model's error, though nothing is on stderr", async ({
  expect,
}) => {
  const { end, failure } = await replay("model-error-402", 1);
  expect(end.transcript.modelError).toBe("API Error: 402 [scripted] budget exhausted");
  expect(failure).toContain("API Error: 402 [scripted] budget exhausted");
});
