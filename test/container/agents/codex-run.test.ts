import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { agentOf } from "../../../container/agents/agents.ts";
import { agentFailure, runAgent } from "../../../container/agents/run-agent.ts";
import { childEnvironment } from "../../../container/process/environment.ts";
import { fixtureProgram, makeFolder } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { type RecordingContext, makeContext } from "../recording-context.ts";

/** Keeps what it was given, then prints a recording: Codex as far as the harness sees it. */
const replaying = (recording: string, code: number, lines: number) => `#!/bin/sh
{ printf '%s\\n' "$@"; echo "home $CODEX_HOME"; echo "key $OPENAI_API_KEY"; cat; } > given
node ${fixtureProgram("replay.mjs")} ${fixtureProgram(`../codex/0.169.0-${recording}.jsonl`)} | head -n ${lines}
exit ${code}
`;

async function runCodex(scenario: string, code: number, recording: RecordingContext, lines = 1_000) {
  const { folder } = recording.context;
  const [bin, home, cwd] = ["bin", "home", "checkout"].map((name) => join(folder, name));
  if (bin === undefined || home === undefined || cwd === undefined) throw new Error("three folders");
  for (const path of [bin, home, cwd]) await mkdir(path);
  await writeFile(join(bin, "codex"), replaying(scenario, code, lines), { mode: 0o755 });
  await symlink(process.execPath, join(bin, "node"));
  const auth = { kind: "token", subscriptionToken: "sk-test-0123456789" } as const;
  const job = makeJob({ agent: { kind: "codex", auth }, model: "gpt-5.5", userPrompt: "Fix it." });
  const agent = agentOf(job);
  const command = await agent.prepare({ job, instructions: "Be brief.\n", home, environment: {} });
  const ours = { ...process.env, PATH: `${bin}:/usr/bin:/bin`, OPENAI_API_KEY: "sk-of-the-machine" };
  const env = childEnvironment(ours, { HOME: home, ...command.env });
  const onStart = (): void => undefined;
  const end = await runAgent({
    agent,
    command,
    env,
    cwd,
    context: recording.context,
    user: null,
    guard: null,
    onStart,
  });
  const given = await readFile(join(cwd, "given"), "utf8");
  return { end, given, home, failure: agentFailure(agent, end, recording.context.redact) };
}

test("a run of Codex that ends in the middle tells how much it had done", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const { end } = await runCodex("fix-failing-test", 0, recording, 14);
  expect(end.transcript).toMatchObject({ toolCalls: 3, isSettled: false });
});

test("Codex is found on PATH, given its prompt and followed call by call", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const { end, failure, given, home } = await runCodex("fix-failing-test", 0, recording);
  expect(failure).toBeNull();
  expect(given).toBe(
    `exec\n--json\n--skip-git-repo-check\n--dangerously-bypass-approvals-and-sandbox\n--model\ngpt-5.5\n-\n` +
      `home ${join(home, ".codex")}\nkey \nBe brief.\n\n---\n\nFix it.`,
  );
  expect(end.transcript.summary).toMatch(/^\[scripted\] Fixed/);
  const calls = recording.reported.flatMap((one) =>
    one.kind === "tool-end" ? [`${one.tool} ${one.ok}`] : [],
  );
  expect(calls).toEqual(["bash false", "cat true", "apply_patch true", "bash true", "bash true"]);
  const progress = recording.reported.flatMap((one) => (one.kind === "progress" ? [one.completed] : []));
  expect(progress).toEqual([0, 2, 2]);
  const usage = recording.reported.filter(({ kind }) => kind === "usage");
  expect(usage).toMatchObject([{ inputTokens: 836, outputTokens: 196 }]);
  const spoken = recording.reported.flatMap((one) => (one.kind === "output" ? [one.text] : []));
  expect(spoken).toEqual(["I will look at the tests first.", expect.stringMatching(/^\[scripted\] Fixed/)]);
});

test("a model that refuses Codex is a failure in the model's words", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const { failure, end } = await runCodex("model-error-400", 1, recording);
  expect(end.exit).toEqual({ kind: "exited", code: 1 });
  expect(failure).toBe("codex exited with code 1: [scripted] the request makes no sense");
});

test("an answer of Codex's that was cut off is a failure that says so", async ({ expect }) => {
  const { failure, end } = await runCodex("truncated", 1, await makeContext(await makeFolder()));
  expect(end.transcript.isFinalTruncated).toBe(true);
  expect(failure).toBe("codex exited with code 1: Incomplete response returned, reason: max_output_tokens");
});
