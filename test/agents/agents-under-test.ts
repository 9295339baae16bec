/** The three programs, as they are installed, started and spoken to. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCompletionsServer } from "./completions-server.ts";
import { startMessagesServer } from "./messages-server.ts";
import { startResponsesServer } from "./responses-server.ts";
import type { ScriptedModel, ScriptedModelOptions } from "./scenario.ts";

export type AgentUnderTest = {
  readonly kind: "pi" | "claude-code" | "codex";
  /** The program's name on PATH. */
  readonly program: string;
  readonly package: string;
  readonly version: string;
  /** Which tools an agent offers may depend on the model's name. */
  readonly model: string;
  readonly startModel: (options: ScriptedModelOptions) => Promise<ScriptedModel>;
  /** The fields of a job that say who works and with which model. */
  readonly jobFields: (model: ScriptedModel, token: string) => Readonly<Record<string, string>>;
  /** A start that trusts the repository it is in, as a person may do by hand. */
  readonly naively: (start: NaiveStart) => Promise<Naive>;
};

export type NaiveStart = {
  readonly model: ScriptedModel;
  readonly token: string;
  /** The repository. */
  readonly source: string;
  /** Empty, the program's own. */
  readonly home: string;
};

export type Naive = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

export const agentsUnderTest: readonly AgentUnderTest[] = [
  {
    kind: "pi",
    program: "pi",
    package: "@earendil-works/pi-coding-agent",
    version: "0.87.1",
    model: "scripted",
    startModel: startCompletionsServer,
    jobFields: ({ baseUrl }, token) => ({ harness: "pi", proxyBaseUrl: baseUrl, sessionToken: token }),
    naively: async ({ home }) => ({
      args: ["-p", "--offline", "--no-session", "--approve", "hello"],
      env: { PI_CODING_AGENT_DIR: home },
    }),
  },
  {
    kind: "claude-code",
    program: "claude",
    package: "@anthropic-ai/claude-code",
    version: "2.1.330",
    model: "scripted",
    startModel: startMessagesServer,
    jobFields: subscription("claude-code"),
    naively: async ({ home, model: { baseUrl }, token }) => ({
      args: ["-p", "--permission-mode", "bypassPermissions", "--model", "scripted", "hello"],
      env: {
        CLAUDE_CONFIG_DIR: home,
        ANTHROPIC_BASE_URL: baseUrl,
        ANTHROPIC_AUTH_TOKEN: token,
        CLAUDE_CODE_MAX_RETRIES: "0",
      },
    }),
  },
  {
    kind: "codex",
    program: "codex",
    package: "@openai/codex",
    version: "0.169.0",
    // by this name Codex offers its patch tool, which it keeps from models it does not know
    model: "gpt-5.5",
    startModel: startResponsesServer,
    jobFields: subscription("codex"),
    naively: startCodexNaively,
  },
];

function subscription(harness: string): AgentUnderTest["jobFields"] {
  return ({ baseUrl }, token) => ({ harness, subscriptionToken: token, subscriptionBaseUrl: baseUrl });
}

async function startCodexNaively({ home, source, model: { baseUrl }, token }: NaiveStart): Promise<Naive> {
  await mkdir(home, { recursive: true });
  const login = { auth_mode: "apikey", OPENAI_API_KEY: token };
  await writeFile(join(home, "auth.json"), JSON.stringify(login));
  const settings = [
    `model_provider = "scripted"`,
    `[model_providers.scripted]`,
    `name = "scripted"`,
    `base_url = "${baseUrl}"`,
    `wire_api = "responses"`,
    `requires_openai_auth = true`,
    `supports_websockets = false`,
    `[projects."${source}"]`,
    `trust_level = "trusted"`,
  ];
  await writeFile(join(home, "config.toml"), settings.join("\n"));
  const flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--model", "gpt-5.5"];
  return { args: ["exec", ...flags, "hello"], env: { CODEX_HOME: home } };
}
