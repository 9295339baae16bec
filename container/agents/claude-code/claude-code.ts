/** Claude Code 2.1: a configuration folder of the job's own, its role by a file, its task over standard input. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../process/environment.ts";
import type { Agent, AgentCommand, AgentSetup } from "../agent.ts";
import { createClaudeCodeParser } from "./events.ts";
import { isConsoleKey } from "../console-key.ts";

export const claudeCode: Agent = { name: "claude", prepare, createParser: createClaudeCodeParser };

const flags = [
  "-p",
  "--output-format",
  "stream-json",
  "--verbose",
  // the stop reason and the output tokens of an answer come with its pieces alone, and a long answer is a sign of life
  "--include-partial-messages",
  "--permission-mode",
  "bypassPermissions",
  // the repository's own settings, hooks, memory, skills, agents and servers would run or speak with Claude's authority
  "--safe-mode",
  "--setting-sources",
  "user",
  "--strict-mcp-config",
  "--disable-slash-commands",
  "--no-session-persistence",
  "--no-chrome",
  // work in another worktree is on no branch that is published; what wakes up later finds no agent
  "--disallowed-tools",
  "EnterWorktree,ExitWorktree,CronCreate,ScheduleWakeup",
] as const;

/** What is not the run itself stays off; its steps are one list, which the model sees from the start. */
const switches = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_ENABLE_TODO_TOOLS: "1",
  CLAUDE_CODE_ENABLE_TASKS: "0",
  CLAUDE_CODE_UPFRONT_TOOLS: "TodoWrite",
} as const;

async function prepare(setup: AgentSetup): Promise<AgentCommand> {
  const { job, instructions, home } = setup;
  const folder = join(home, ".claude");
  const temporary = join(home, "tmp");
  const instructionsFile = join(home, "instructions.md");
  for (const path of [folder, temporary]) await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, ".claude.json"), `${JSON.stringify(answeredDialogs, null, 2)}\n`, {
    mode: 0o600,
  });
  // a file, since one argument holds 128 KiB at most
  await writeFile(instructionsFile, instructions, { mode: 0o600 });
  return {
    file: "claude",
    args: [...flags, "--model", job.model, "--append-system-prompt-file", instructionsFile],
    env: {
      CLAUDE_CONFIG_DIR: folder,
      CLAUDE_CODE_TMPDIR: temporary,
      ...switches,
      ...credentialsFor(setup),
    },
    input: asProse(job.userPrompt),
  };
}

/** There is nobody to ask. */
const answeredDialogs = {
  hasCompletedOnboarding: true,
  bypassPermissionsModeAccepted: true,
  hasTrustDialogAccepted: true,
} as const;

function credentialsFor({ job: { agent }, environment }: AgentSetup): Readonly<Record<string, string>> {
  if (agent.kind === "pi") throw new Error("a pi job was given to Claude Code");
  const { auth, subscriptionBaseUrl: baseUrl } = agent;
  if (auth.kind === "ambient") {
    return { ...machineLogin(environment), ...(baseUrl !== undefined && { ANTHROPIC_BASE_URL: baseUrl }) };
  }
  const token = auth.subscriptionToken;
  if (baseUrl !== undefined) return { ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_AUTH_TOKEN: token };
  return isConsoleKey(token) ? { ANTHROPIC_API_KEY: token } : { CLAUDE_CODE_OAUTH_TOKEN: token };
}

/** How a machine is logged in without a file. */
const loginVariables = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "CLAUDE_CODE_OAUTH_TOKEN",
] as const;

/**
 * The program reads its login from the developer's own folder, and writes back there what it refreshes; everything else
 * it keeps in the job's.
 */
function machineLogin(environment: Environment): Readonly<Record<string, string>> {
  const { HOME: home, CLAUDE_CONFIG_DIR: configured, CLAUDE_SECURESTORAGE_CONFIG_DIR: named } = environment;
  const folder = named ?? configured ?? (home === undefined ? undefined : join(home, ".claude"));
  const given = loginVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(given),
    ...(folder !== undefined && { CLAUDE_SECURESTORAGE_CONFIG_DIR: folder }),
  };
}

/** What begins with a slash is taken for a command of Claude Code's own, and the run ends without a word of the model's. */
function asProse(prompt: string): string {
  return prompt.trimStart().startsWith("/") ? `The task:\n\n${prompt}` : prompt;
}
