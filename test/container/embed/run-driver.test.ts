import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { type AgentEvent, type DriverRun, runDriver } from "../../../container/embed.ts";
import { makeFolder, namesOfProcessesIn } from "../job-folder.ts";

const settled = `echo '{"type":"message_end","message":{"role":"assistant","content":[{"type":"text","text":"Done."}],"stopReason":"stop"}}'
echo '{"type":"agent_settled"}'`;

async function makeRun(script: string, more: Partial<DriverRun> = {}) {
  const folder = await makeFolder();
  const [bin, cwd, scratch] = [join(folder, "bin"), join(folder, "work"), join(folder, "scratch")];
  for (const path of [bin, cwd, scratch]) await mkdir(path);
  await writeFile(join(bin, "pi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, "pi"), 0o755);
  const events: AgentEvent[] = [];
  const run: DriverRun = {
    agent: { kind: "pi", proxyBaseUrl: "http://127.0.0.1:9/v1", sessionToken: "session-token-123" },
    model: "scripted",
    instructions: "You fix things.",
    prompt: "Fix it.",
    cwd,
    scratch,
    env: { PATH: `${bin}:${process.env["PATH"]}`, GIT_TOKEN: "git-token-456", SECRET: "secret-789" },
    onEvent: (event) => void events.push(event),
    ...more,
  };
  return { folder, cwd, scratch, events, run };
}

test("a driver runs its program with the prompt, a home of its own, and no variable that is not allowed", async ({
  expect,
}) => {
  const { cwd, scratch, events, run } = await makeRun(`cat > prompt.txt; env > env.txt\n${settled}`);
  const end = await runDriver(run);
  expect(end).toMatchObject({
    failure: null,
    exit: { kind: "exited", code: 0 },
    transcript: { summary: "Done." },
  });
  expect(events.map(({ kind }) => kind)).toEqual(["answer", "settled"]);
  expect(await readFile(join(cwd, "prompt.txt"), "utf8")).toBe("Fix it.");
  const env = await readFile(join(cwd, "env.txt"), "utf8");
  expect(env).toContain(`HOME=${scratch}/run-`);
  expect(env).not.toMatch(/GIT_TOKEN|SECRET|git-token-456|secret-789/);
  expect(await readdir(scratch)).toEqual([]);
});

test("what an agent leaves running ends with its run, and nobody else does", async ({ expect }) => {
  const { folder, cwd, run } = await makeRun(`setsid sleep 600 & ${settled}`);
  const stranger = execa("tail", ["-f", "/dev/null"], { cwd, reject: false });
  expect(await runDriver(run)).toMatchObject({ failure: null });
  expect(await namesOfProcessesIn(folder)).toEqual(["tail"]);
  stranger.kill();
  expect((await stranger).signal).toBe("SIGTERM");
});

test("a program that fails is a value, with its last words and without its token", async ({ expect }) => {
  const { scratch, run } = await makeRun("echo refused: session-token-123 and git-token-456 >&2; exit 3", {
    secrets: ["git-token-456"],
  });
  const end = await runDriver(run);
  expect(end.failure).toBe("pi exited with code 3: refused: *** and ***");
  expect(await readdir(scratch)).toEqual([]);
});

test("a program that is not there is a value", async ({ expect }) => {
  const { run } = await makeRun(settled);
  const end = await runDriver({ ...run, env: { PATH: "/nowhere" } });
  expect(end).toMatchObject({ exit: { kind: "spawn-failed" }, failure: expect.stringContaining("ENOENT") });
});

test("an aborted run ends the program and all it started", async ({ expect }) => {
  const over = new AbortController();
  const { folder, scratch, run } = await makeRun(
    `echo '{"type":"tool_execution_start","toolCallId":"c","toolName":"bash","args":{}}'; sleep 600 & wait`,
    { signal: over.signal, killGraceMs: 200, onEvent: () => over.abort() },
  );
  const end = await runDriver(run);
  expect(end).toMatchObject({ exit: { kind: "cancelled" }, failure: "pi was cancelled" });
  expect(await namesOfProcessesIn(folder)).toEqual([]);
  expect(await readdir(scratch)).toEqual([]);
});
