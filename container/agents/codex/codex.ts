/** Codex 0.169: a home of the job's own holds its login and settings; role text and task come over standard input. */

import { access, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../process/environment.ts";
import type { Agent, AgentCommand, AgentSetup } from "../agent.ts";
import { createCodexParser } from "./events.ts";

export const codex: Agent = { name: "codex", prepare, createParser: createCodexParser };

const flags = [
  "exec",
  "--json",
  "--skip-git-repo-check",
  "--dangerously-bypass-approvals-and-sandbox",
] as const;

const loginFile = "auth.json";

/** How the machine's own login may stand in the environment alone. */
const loginVariables = ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"] as const;

async function prepare({ job, instructions, home, environment }: AgentSetup): Promise<AgentCommand> {
  const { agent, model, webSearch } = job;
  if (agent.kind !== "codex") throw new Error(`a ${agent.kind} job was given to Codex`);
  const folder = join(home, ".codex");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "config.toml"), settings(webSearch, agent.subscriptionBaseUrl));
  const { auth } = agent;
  const login = auth.kind === "ambient" ? await borrowLogin(folder, environment) : {};
  if (auth.kind === "token") {
    await writeFile(join(folder, loginFile), toLogin(auth.subscriptionToken), { mode: 0o600 });
  }
  return {
    file: "codex",
    args: [...flags, "--model", model, "-"],
    env: { CODEX_HOME: folder, ...login },
    input: `${instructions.trimEnd()}\n\n---\n\n${job.userPrompt}`,
  };
}

/** A whole login as Codex keeps it, or an API key alone. */
function toLogin(token: string): string {
  const text = token.trim();
  if (text.startsWith("{")) return text;
  return `${JSON.stringify({ auth_mode: "apikey", OPENAI_API_KEY: text }, null, 2)}\n`;
}

/**
 * The machine's own login, in place: its refresh token is good for one use, so a copy that is refreshed would log the
 * machine out. Codex writes a refreshed login through the link. Nothing else of the machine's Codex is seen or changed.
 */
async function borrowLogin(folder: string, environment: Environment): Promise<Record<string, string>> {
  const given = loginVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  const own = environment["CODEX_HOME"] ?? join(environment["HOME"] ?? "/", ".codex");
  const login = join(own, loginFile);
  const exists = await access(login).then(
    () => true,
    () => false,
  );
  if (exists) await symlink(login, join(folder, loginFile));
  else if (given.length === 0)
    throw new Error(`ambientAuth: Codex is not logged in on this machine (no ${login})`);
  return Object.fromEntries(given);
}

/**
 * Keys are documented with Codex's config; `--strict-config` refuses what a version does not know. The web is searched by
 * the model's provider: OpenAI does, others may refuse a request that only offers it, so there the job has to ask.
 */
function settings(wantsWebSearch: boolean, baseUrl: string | undefined): string {
  const hasWebSearch = wantsWebSearch || baseUrl === undefined;
  return `${[
    ...(baseUrl === undefined ? [] : [`model_provider = "holt"`]),
    `web_search = ${text(hasWebSearch ? "live" : "disabled")}`,
    ...fixedSettings,
    ...(baseUrl === undefined ? [] : providerSettings(baseUrl)),
  ].join("\n")}\n`;
}

/** The login is sent to this address and to no other; websockets, which few proxies speak, are not tried. */
function providerSettings(baseUrl: string): readonly string[] {
  return [
    "[model_providers.holt]",
    `name = "Holt"`,
    `base_url = ${text(baseUrl.replace(/\/+$/, ""))}`,
    `wire_api = "responses"`,
    "requires_openai_auth = true",
  ];
}

const fixedSettings = [
  `cli_auth_credentials_store = "file"`,
  `mcp_oauth_credentials_store = "file"`,
  "check_for_update_on_startup = false",
  // AGENTS.md is looked for in every folder up to the repository's root; the instructions say which ones to read
  "project_doc_max_bytes = 0",
  // a login shell reads /etc/profile, which sets PATH anew
  "allow_login_shell = false",
  "[analytics]",
  "enabled = false",
  "[feedback]",
  "enabled = false",
  "[history]",
  `persistence = "none"`,
  "[otel]",
  `exporter = "none"`,
  `trace_exporter = "none"`,
  `metrics_exporter = "none"`,
  // skills of the repository would be offered to the model beside Codex's own
  "[skills]",
  "include_instructions = false",
  "[skills.bundled]",
  "enabled = false",
  // the list of steps is offered to every model, not only to those Codex knows to want it
  "[tools.update_plan]",
  "enabled = true",
  "[agents]",
  "enabled = false",
  "[features]",
  // fetched from GitHub and chatgpt.com at every start
  "plugins = false",
  "remote_plugin = false",
  "apps = false",
  "hooks = false",
  "goals = false",
  "shell_snapshot = false",
  // an address that does not answer would be asked without end, each time with a line that counts as activity
  "unbounded_connection_retries = false",
] as const;

/** A TOML basic string: JSON's, but for the one character that JSON leaves as it is. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll("\u007f", String.raw`\u007f`);
}
