import { execa } from "execa";
import { join } from "node:path";
import { test } from "vitest";
import { readConfig } from "../../../container/config.ts";

const main = join(import.meta.dirname, "../../../container/main.ts");

test("an empty environment gives the defaults, on loopback", ({ expect }) => {
  expect(readConfig({})).toMatchObject({
    ok: true,
    config: {
      port: 8080,
      hostname: "127.0.0.1",
      sharedSecret: null,
      instance: null,
      firstJobMs: 180_000,
      limits: {
        inactivityMs: 600_000,
        toolSilenceMs: 1_800_000,
        maxDurationMs: 3_600_000,
        checkpointMs: 60_000,
        cloneMs: 420_000,
        pushMs: 420_000,
        setupMs: 1_500_000,
        guard: { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 },
        followUpPollMs: 3_000,
      },
      workspaceRoot: "/workspace",
      cleanKeep: ["node_modules", ".venv", "target", ".gradle", ".pnpm-store"],
      wiremockJar: "/opt/wiremock/wiremock-standalone.jar",
      agentUserName: null,
    },
  });
});

test("what an operator sets is taken, bounds rounded down", ({ expect }) => {
  const env = {
    JOB_MAX_TOOLCALLS_WITHOUT_EDIT: "60",
    JOB_MAX_CONSECUTIVE_TOOL_ERRORS: "3.9",
    JOB_MAX_CONSECUTIVE_WEB_CALLS: "100",
    JOB_TOOL_SILENCE_MS: "900000",
    JOB_FOLLOWUP_POLL_INTERVAL_MS: "500",
    HARNESS_WORKSPACE_ROOT: "/srv/work/",
    HARNESS_CLEAN_KEEP: " node_modules, ,vendor ",
    WIREMOCK_JAR: "/opt/wm.jar",
    HARNESS_AGENT_USER: "agent",
  };
  expect(readConfig(env)).toMatchObject({
    config: {
      limits: {
        toolSilenceMs: 900_000,
        followUpPollMs: 500,
        guard: { maxToolCallsWithoutEdit: 60, maxConsecutiveErrors: 3, maxConsecutiveWebCalls: 100 },
      },
      workspaceRoot: "/srv/work",
      cleanKeep: ["node_modules", "vendor"],
      wiremockJar: "/opt/wm.jar",
      agentUserName: "agent",
    },
  });
});

test("who lets an agent be silent for hours is not told to end it for want of tool calls", ({ expect }) => {
  expect(readConfig({ JOB_INACTIVITY_MS: "7200000" })).toMatchObject({
    config: { limits: { inactivityMs: 7_200_000, toolSilenceMs: 7_200_000 } },
  });
});

test("git gives up before a silent job would be, however short that is", ({ expect }) => {
  for (const inactivityMs of [40, 1_000, 2_000, 59_999, 60_000, 400_000, 600_000, 7_200_000]) {
    const read = readConfig({ JOB_INACTIVITY_MS: String(inactivityMs) });
    const { cloneMs = 0, pushMs = 0 } = read.ok ? read.config.limits : {};
    expect(cloneMs).toBe(pushMs);
    expect(cloneMs).toBeGreaterThan(0);
    expect(Number.isInteger(cloneMs)).toBe(true);
    expect(cloneMs).toBeLessThan(inactivityMs);
  }
});

test("who has a secret or belongs to an execution is reached from outside", ({ expect }) => {
  for (const env of [{ HARNESS_SHARED_SECRET: "s" }, { HARNESS_INSTANCE: "instance-0001" }]) {
    expect(readConfig(env)).toMatchObject({ ok: true, config: { hostname: "0.0.0.0" } });
  }
  expect(readConfig({ HARNESS_SHARED_SECRET: "", HARNESS_INSTANCE: "" })).toMatchObject({
    config: { hostname: "127.0.0.1", sharedSecret: null, instance: null },
  });
});

test("limits are taken up to what a timer can hold, fractions as the next whole millisecond", ({
  expect,
}) => {
  expect(readConfig({ JOB_INACTIVITY_MS: "1500.5", JOB_MAX_DURATION_MS: "2147483647" })).toMatchObject({
    config: { limits: { inactivityMs: 1_501, maxDurationMs: 2_147_483_647 } },
  });
});

test("what cannot be meant is refused, the variable named", ({ expect }) => {
  const wrong: ReadonlyArray<readonly [string, string]> = [
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["JOB_INACTIVITY_MS", "ten minutes"],
    ["JOB_INACTIVITY_MS", "0"],
    ["JOB_MAX_DURATION_MS", "2147483648"],
    ["JOB_MAX_DURATION_MS", "Infinity"],
    ["JOB_CHECKPOINT_INTERVAL_MS", "-5"],
    ["JOB_TOOL_SILENCE_MS", "2147483648"],
    ["JOB_FOLLOWUP_POLL_INTERVAL_MS", "3s"],
    ["JOB_MAX_TOOLCALLS_WITHOUT_EDIT", "0"],
    ["JOB_MAX_CONSECUTIVE_TOOL_ERRORS", "many"],
    ["JOB_MAX_CONSECUTIVE_WEB_CALLS", "Infinity"],
    ["HARNESS_WORKSPACE_ROOT", "workspace"],
    ["HARNESS_WORKSPACE_ROOT", "/srv/.."],
    ["HARNESS_AGENT_USER", "some body"],
    ["HARNESS_INSTANCE", "no instance"],
  ];
  for (const [name, value] of wrong) {
    const read = readConfig({ [name]: value });
    expect([name, value, read.ok ? "" : read.error]).toStrictEqual([
      name,
      value,
      expect.stringContaining(name),
    ]);
  }
});

test("the program says what is wrong with its environment and exits with 2", async ({ expect }) => {
  const { exitCode, stderr, stdout } = await execa("node", [main], {
    env: { PORT: "0", JOB_MAX_DURATION_MS: "3000000000" },
    reject: false,
  });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("executor-harness: JOB_MAX_DURATION_MS must be a number of milliseconds");
  expect(stdout).toBe("");
});

test("a port that is taken ends the program in the same way", async ({ expect }) => {
  const first = execa("node", [main], { env: { PORT: "0" }, reject: false });
  try {
    const line = await firstLineOf(first.stdout);
    const port = /^executor-harness listening on :(\d+)$/.exec(line)?.[1];
    const { exitCode, stderr } = await execa("node", [main], { env: { PORT: port ?? "" }, reject: false });
    expect([exitCode, stderr]).toStrictEqual([2, expect.stringContaining("EADDRINUSE")]);
  } finally {
    first.kill("SIGTERM");
    await first;
  }
});

async function firstLineOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

test("HARNESS_HOST says where to listen, whatever else is set", ({ expect }) => {
  const env = { HARNESS_HOST: "127.0.0.1", HARNESS_INSTANCE: "instance-1", HARNESS_SHARED_SECRET: "secret" };
  expect(readConfig(env)).toMatchObject({ ok: true, config: { hostname: "127.0.0.1" } });
});
