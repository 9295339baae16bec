import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "vitest";
import { makeGuard } from "../../../container/agents/guard/guard-watch.ts";
import { pi } from "../../../container/agents/pi/pi.ts";
import { agentFailure, runAgent } from "../../../container/agents/run-agent.ts";
import { childEnvironment } from "../../../container/process/environment.ts";
import { fixtureProgram, makeFolder } from "../job-folder.ts";
import { type RecordingContext, makeContext, stopped } from "../recording-context.ts";

async function run(program: readonly string[], recording: RecordingContext, files: readonly string[] = []) {
  const cwd = join(recording.context.folder, "checkout");
  await mkdir(cwd);
  for (const file of files) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), file);
  }
  const [file = "", ...args] = program;
  const end = await runAgent({
    agent: pi,
    command: { file, args, env: {}, input: "the task" },
    env: childEnvironment(process.env, { HOME: cwd }),
    cwd,
    context: recording.context,
    user: null,
    guard: await makeGuard({
      bounds: recording.context.limits.guard,
      own: undefined,
      expectsEdits: true,
      checkout: cwd,
      marker: join(recording.context.folder, "began"),
    }),
    onStart: () => undefined,
  });
  return { end, failure: agentFailure(pi, end, recording.context.redact) };
}

const replay = (recording: string, code = 0): readonly string[] => [
  process.execPath,
  fixtureProgram("replay.mjs"),
  fixtureProgram(`../pi/${recording}.jsonl`),
  String(code),
];

test("a recorded run is reported call by call", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const { end, failure } = await run(replay("0.87.1-fix-failing-test"), recording);
  expect(failure).toBeNull();
  expect(end.transcript.summary).toMatch(/^\[scripted\] Fixed/);
  const kinds = recording.reported.map(({ kind }) => kind).filter((kind) => kind !== "usage");
  const calls = kinds.filter((kind) => kind.startsWith("tool-"));
  expect(calls.slice(0, 4)).toEqual(["tool-start", "tool-end", "tool-start", "tool-end"]);
  expect(kinds.at(-1)).toBe("output");
  expect(recording.activity()).toBeGreaterThan(0);
});

test("a model that refuses is a failure in its words, with exit code 0", async ({ expect }) => {
  const { failure } = await run(replay("0.87.1-model-error-402"), await makeContext(await makeFolder()));
  expect(failure).toMatch(/^402: .*budget exhausted/);
});

test("an exit code of an agent is told with its last words, redacted before they are cut", async ({
  expect,
}) => {
  const recording = await makeContext(await makeFolder(), { secrets: ["s3cret-token-value"] });
  const script = `echo "s3cret-token-value ${"x".repeat(485)}" >&2; exit 3`;
  const { failure } = await run(["sh", "-c", script], recording);
  expect(failure).toBe(`pi exited with code 3: *** ${"x".repeat(485)}`);
});

test("an agent that exits with a code after a model error is told in the model's words", async ({
  expect,
}) => {
  const recording = await makeContext(await makeFolder());
  const { failure } = await run(replay("0.87.1-model-error-402", 1), recording);
  expect(failure).toMatch(/^pi exited with code 1: 402: .*budget exhausted/);
});

test("an agent that is not installed is told as such", async ({ expect }) => {
  const { failure } = await run(["no-such-agent"], await makeContext(await makeFolder()));
  expect(failure).toBe("spawn no-such-agent ENOENT");
});

test("a clean exit before the agent was done is a failure", async ({ expect }) => {
  const { failure } = await run(["sh", "-c", "cat; echo"], await makeContext(await makeFolder()));
  expect(failure).toBe("pi exited with code 0 before it was done: the task");
});

test("a flood, an endless line and garbage change nothing but counters", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const before = process.memoryUsage().rss;
  const { end, failure } = await run([process.execPath, fixtureProgram("flooding-agent.mjs")], recording);
  expect(failure).toBeNull();
  expect(end.transcript.summary).toBe("costs 5 €");
  expect(recording.reported.filter(({ kind }) => kind === "output")).toHaveLength(501);
  const notes = recording.reported.filter(({ kind }) => kind === "note");
  expect(notes).toEqual([
    {
      kind: "note",
      code: "agent-output-dropped",
      text: expect.stringMatching(
        /\d+ lines that are no events, 1 overlong lines, 19500 lines of standard error/,
      ),
    },
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
});

test("a stop ends the agent, whatever it is doing", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const running = run([fixtureProgram("ignore-sigterm.sh")], recording);
  recording.stop(stopped);
  expect((await running).end.exit).toEqual({ kind: "cancelled" });
});

/** Pi's events of finished calls, then whatever the script does; it never settles by itself. */
const calling = (
  tool: string,
  isError: boolean,
  count: number,
  rest = "exec sleep 60",
): readonly string[] => [
  "sh",
  "-c",
  `for i in $(seq ${count}); do echo '{"type":"tool_execution_end","toolCallId":"c1","toolName":"${tool}","isError":${isError}}'; done; ${rest}`,
];

const settled = `echo '{"type":"agent_settled"}'`;

test("an agent whose calls all fail is ended, with its own last words", async ({ expect }) => {
  const recording = await makeContext(await makeFolder(), { secrets: ["s3cret-token-value"] });
  const [, , script = ""] = calling("bash", true, 12);
  const complaining = ["sh", "-c", `echo 'no such s3cret-token-value' >&2; ${script}`];
  const { end, failure } = await run(complaining, recording);
  expect(end.exit).toEqual({ kind: "cancelled" });
  expect(failure).toBe(
    "no progress: 12 consecutive failing tool calls — the agent is stuck retrying a failing operation rather than making progress. Aborting. Agent stderr: no such ***",
  );
});

test("a stop that comes while the guard ends an agent is why it ended", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const [, , script = ""] = calling("bash", true, 12, "while :; do sleep 0.05; done");
  const running = run(["sh", "-c", `trap "" TERM; ${script}`], recording);
  const isTripped = () => recording.reported.filter(({ kind }) => kind === "tool-end").length === 12;
  await recording.waitFor(isTripped);
  recording.stop(stopped);
  expect((await running).end).toMatchObject({ exit: { kind: "cancelled" }, trip: null });
});

test("an agent that acts and changes no file is ended", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const leftBehind = "mkdir -p coverage dist && echo 1 > coverage/report; echo later > .cat-follow-ups.jsonl";
  const [shell = "", flag = "", script = ""] = calling("bash", false, 40);
  const { failure } = await run([shell, flag, `${leftBehind}; ${script}`], recording, ["a"]);
  expect(failure).toMatch(/^no progress: 40 tool calls and not one file edit — /);
});

test("an agent that looks around through its shell is not ended for want of edits", async ({ expect }) => {
  const recording = await makeContext(await makeFolder());
  const start = `{"type":"tool_execution_start","toolCallId":"c1","toolName":"bash","args":{"command":"cd src && git log -5"}}`;
  const [, , script = ""] = calling("bash", false, 45, settled);
  const looking = ["sh", "-c", script.replace("do echo", `do echo '${start}'; echo`)];
  const { failure } = await run(looking, recording, ["a"]);
  expect(failure).toBeNull();
});

test("an agent that edits, deletes or adds files through its shell is not ended for want of edits", async ({
  expect,
}) => {
  const edits = [
    "echo more >> a",
    "rm b",
    "mkdir -p new/deep && echo 1 > new/deep/file",
    "mv a c",
    "echo more >> build/script",
  ];
  for (const edit of edits) {
    const recording = await makeContext(await makeFolder());
    const [shell = "", flag = "", script = ""] = calling("bash", false, 200, settled);
    const { failure } = await run([shell, flag, `${edit}; ${script}`], recording, ["a", "b", "build/script"]);
    expect([edit, failure]).toEqual([edit, null]);
  }
});
