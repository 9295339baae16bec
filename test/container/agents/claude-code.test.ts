import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import type { AgentSetup } from "../../../container/agents/agent.ts";
import { claudeCode } from "../../../container/agents/claude-code/claude-code.ts";
import { makeFolder } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";

type Agent = AgentSetup["job"]["agent"];

const token = {
  kind: "claude-code",
  auth: { kind: "token", subscriptionToken: "sk-ant-oat01-secret" },
} as const;
const ambient = { kind: "claude-code", auth: { kind: "ambient" } } as const;

async function prepare(more: Partial<AgentSetup> & { readonly agent?: Agent } = {}) {
  const home = await makeFolder();
  const { agent = token, ...setup } = more;
  const job = makeJob({ agent });
  const command = await claudeCode.prepare({
    job,
    instructions: "Be brief.\n",
    home,
    environment: {},
    ...setup,
  });
  return { home, command };
}

/** What is given to log in with; the rest of the environment is switches. */
function loginOf(env: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /TOKEN|KEY|BASE_URL|SECURESTORAGE/.test(name)),
  );
}

test("Claude Code is told to load nothing of the repository's and to ask nobody", async ({ expect }) => {
  const { home, command } = await prepare();
  expect(command.file).toBe("claude");
  expect(command.args.join(" ")).toBe(
    `-p --output-format stream-json --verbose --include-partial-messages --permission-mode bypassPermissions --safe-mode --setting-sources user --strict-mcp-config --disable-slash-commands --no-session-persistence --no-chrome --disallowed-tools EnterWorktree,ExitWorktree,CronCreate,ScheduleWakeup --model scripted --append-system-prompt-file ${join(home, "instructions.md")}`,
  );
  expect(command.input).toBe("Fix the failing test.");
});

test("Claude Code's configuration is the job's own and readable by nobody else", async ({ expect }) => {
  const { home, command } = await prepare();
  const folder = join(home, ".claude");
  expect(command.env).toMatchObject({ CLAUDE_CONFIG_DIR: folder, CLAUDE_CODE_TMPDIR: join(home, "tmp") });
  const file = join(folder, ".claude.json");
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
    hasCompletedOnboarding: true,
    bypassPermissionsModeAccepted: true,
    hasTrustDialogAccepted: true,
  });
  const modes = await Promise.all([file, folder, join(home, "tmp")].map((path) => stat(path)));
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(["600", "700", "700"]);
});

test("instructions longer than one argument may be reach Claude Code in a file", async ({ expect }) => {
  const instructions = "word ".repeat(60_000);
  const { home, command } = await prepare({ instructions });
  expect(Math.max(...command.args.map(({ length }) => length))).toBeLessThan(1_000);
  expect(await readFile(join(home, "instructions.md"), "utf8")).toBe(instructions);
});

test("Claude Code phones nobody but its model", async ({ expect }) => {
  const { command } = await prepare();
  expect(command.env).toMatchObject({
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_AUTOUPDATER: "1",
  });
});

test.for<readonly [string, Agent, Readonly<Record<string, string>>]>([
  ["a subscription's token", token, { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-secret" }],
  [
    "a key of the vendor's console",
    { kind: "claude-code", auth: { kind: "token", subscriptionToken: "sk-ant-api03-secret" } },
    { ANTHROPIC_API_KEY: "sk-ant-api03-secret" },
  ],
  [
    "another endpoint",
    { ...token, subscriptionBaseUrl: "http://127.0.0.1:9" },
    { ANTHROPIC_BASE_URL: "http://127.0.0.1:9", ANTHROPIC_AUTH_TOKEN: "sk-ant-oat01-secret" },
  ],
])("Claude Code logs in with %s", async ([, agent, login], { expect }) => {
  const environment = { HOME: "/somewhere/dev", ANTHROPIC_API_KEY: "the machine's" };
  const { command } = await prepare({ agent, environment });
  expect(loginOf(command.env)).toEqual(login);
});

test("the machine's own login is used where it is, and nothing else of the developer's", async ({
  expect,
}) => {
  const login = async (environment: Readonly<Record<string, string>>) =>
    loginOf((await prepare({ agent: ambient, environment })).command.env);
  expect(await login({ HOME: "/somewhere/dev" })).toEqual({
    CLAUDE_SECURESTORAGE_CONFIG_DIR: "/somewhere/dev/.claude",
  });
  expect(await login({ HOME: "/somewhere/dev", CLAUDE_CONFIG_DIR: "/etc/claude" })).toEqual({
    CLAUDE_SECURESTORAGE_CONFIG_DIR: "/etc/claude",
  });
  expect(await login({ ANTHROPIC_API_KEY: "sk-ant-api03-machine", HARNESS_SHARED_SECRET: "x" })).toEqual({
    ANTHROPIC_API_KEY: "sk-ant-api03-machine",
  });
  const { home, command } = await prepare({ agent: ambient, environment: { HOME: "/somewhere/dev" } });
  expect(command.env["CLAUDE_CONFIG_DIR"]).toBe(join(home, ".claude"));
});

test("a task that looks like a command of Claude Code's is given as prose", async ({ expect }) => {
  const input = async (userPrompt: string) =>
    (await prepare({ job: makeJob({ agent: token, userPrompt }) })).command.input;
  expect(await input(" /clear")).toBe("The task:\n\n /clear");
  expect(await input("/compact it")).toBe("The task:\n\n/compact it");
  expect(await input("Fix it")).toBe("Fix it");
});
