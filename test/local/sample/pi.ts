/** Runs the real Pi CLI in a checkout, with a home of its own and nothing of the project's or the user's loaded. */
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import * as z from "zod";
import type { ModelServer } from "../../../local/model/model-server.ts";
import { scriptedModelId } from "../../../local/model/model-server.ts";
import { clientEnvironment } from "../git-server/fixtures.ts";

const cli = fileURLToPath(
  new URL("../../../node_modules/@earendil-works/pi-coding-agent/dist/bundle/cli.js", import.meta.url),
);

const flags =
  "--print --mode json --offline --no-session --no-approve --no-context-files --no-extensions --no-skills --no-prompt-templates --no-themes";

const PiEvent = z.looseObject({
  type: z.string(),
  toolName: z.string().optional(),
  isError: z.boolean().optional(),
  result: z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })) }).optional(),
  message: z
    .looseObject({
      role: z.string(),
      content: z.union([
        z.string(),
        z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
      ]),
      stopReason: z.string().optional(),
      errorMessage: z.string().optional(),
    })
    .optional(),
});
export type PiEvent = z.infer<typeof PiEvent>;

export interface PiEnd {
  readonly exitCode: number | undefined;
  readonly stderr: string;
  readonly events: readonly PiEvent[];
}

export interface PiStart {
  /** A folder of the test, for Pi's home. */
  readonly folder: string;
  readonly checkout: string;
  readonly model: ModelServer;
  readonly token: string;
  readonly prompt: string;
}

export async function runPi({ folder, checkout, model, token, prompt }: PiStart): Promise<PiEnd> {
  const home = join(folder, "home");
  const agentDir = join(folder, "agent");
  await mkdir(home, { recursive: true });
  await mkdir(agentDir, { recursive: true });
  const models = [{ id: scriptedModelId, contextWindow: 128_000, maxTokens: 32_768, input: ["text"] }];
  const provider = { baseUrl: model.url, api: "openai-completions", apiKey: "$PI_PROXY_TOKEN", models };
  await writeFile(join(agentDir, "models.json"), JSON.stringify({ providers: { proxy: provider } }));
  const environment = clientEnvironment(home);
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [cli, ...flags.split(" "), "--provider", "proxy", "--model", scriptedModelId],
    {
      cwd: checkout,
      input: prompt,
      reject: false,
      extendEnv: false,
      env: {
        ...environment,
        // The tests that the agent runs take the Node that runs these.
        PATH: [dirname(process.execPath), environment["PATH"]].join(delimiter),
        PI_CODING_AGENT_DIR: agentDir,
        PI_OFFLINE: "1",
        PI_PROXY_TOKEN: token,
      },
    },
  );
  const events = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => PiEvent.parse(JSON.parse(line)));
  return { exitCode, stderr, events };
}
