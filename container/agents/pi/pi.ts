/** Pi 0.87: started with nothing loaded from the repository, told its role by a file, prompted over standard input. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Agent, AgentCommand, AgentParser, AgentSetup } from "../agent.ts";
import { isPiEventRead, parsePiEvent } from "./events.ts";

/** Each of Pi's records stands for itself. */
const piParser: AgentParser = { isRead: isPiEventRead, read: parsePiEvent, end: () => [] };

export const pi: Agent = { name: "pi", prepare, createParser: () => piParser };

/** The largest answer asked of a model. */
const maxOutputTokens = 32_768;

/** Only the variable's name stands in a file. */
const tokenVariable = "PI_PROXY_TOKEN";

const flags = [
  "-p",
  "--mode",
  "json",
  "--offline",
  "--no-session",
  // the repository's own extensions, skills, settings and system prompt would run or speak with Pi's authority
  "--no-approve",
  "--no-extensions",
  "--no-skills",
  "--no-prompt-templates",
  "--no-themes",
  // discovery climbs from the checkout to the root of the machine's file system
  "--no-context-files",
  // the extensions there are, named by their paths
  "--extension",
  extension("todo-tool.ts"),
] as const;

function extension(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function prepare({ job, instructions, home, webSearch = null }: AgentSetup): Promise<AgentCommand> {
  if (job.agent.kind !== "pi") throw new Error(`a ${job.agent.kind} job was given to Pi`);
  const folder = join(home, ".pi", "agent");
  const instructionsFile = join(folder, "AGENTS.md");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "models.json"), toJson(modelsFile(job.agent.proxyBaseUrl, job.model)));
  await writeFile(
    join(folder, "settings.json"),
    toJson({ defaultProjectTrust: "never", enableInstallTelemetry: false }),
  );
  await writeFile(instructionsFile, instructions);
  return {
    file: "pi",
    args: [
      ...flags,
      ...(webSearch === null ? [] : ["--extension", extension("web-tools.ts")]),
      "--append-system-prompt",
      instructionsFile,
      "--provider",
      "proxy",
      "--model",
      job.model,
    ],
    env: {
      PI_CODING_AGENT_DIR: folder,
      PI_OFFLINE: "1",
      [tokenVariable]: job.agent.sessionToken,
      ...webSearch?.env,
    },
    input: asProse(job.userPrompt),
  };
}

/** Pi trims its input and takes what begins with a slash for a command of its own. */
function asProse(prompt: string): string {
  return prompt.trimStart().startsWith("/") ? `The task:\n\n${prompt}` : prompt;
}

function modelsFile(baseUrl: string, model: string) {
  return {
    providers: {
      proxy: {
        baseUrl,
        api: "openai-completions",
        apiKey: `$${tokenVariable}`,
        compat: { supportsDeveloperRole: false, supportsReasoningEffort: false },
        models: [{ id: model, name: model, maxTokens: maxOutputTokens }],
      },
    },
  };
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
