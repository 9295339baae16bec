/** The three programs, as they are installed, started and spoken to. */
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
};

export const agentsUnderTest: readonly AgentUnderTest[] = [
  {
    kind: "pi",
    program: "pi",
    package: "@earendil-works/pi-coding-agent",
    version: "0.87.1",
    model: "scripted",
    startModel: startCompletionsServer,
    jobFields: ({ baseUrl }, token) => ({ harness: "pi", proxyBaseUrl: baseUrl, sessionToken: token }),
  },
  {
    kind: "claude-code",
    program: "claude",
    package: "@anthropic-ai/claude-code",
    version: "2.1.330",
    model: "scripted",
    startModel: startMessagesServer,
    jobFields: subscription("claude-code"),
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
  },
];

function subscription(harness: string): AgentUnderTest["jobFields"] {
  return ({ baseUrl }, token) => ({ harness, subscriptionToken: token, subscriptionBaseUrl: baseUrl });
}
