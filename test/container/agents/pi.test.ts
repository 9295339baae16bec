import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { composeInstructions } from "../../../container/agents/instructions.ts";
import { pi } from "../../../container/agents/pi/pi.ts";
import { makeJob } from "../make-job.ts";
import { makeFolder } from "../job-folder.ts";

test("the model's token stands in the environment alone", async ({ expect }) => {
  const home = await makeFolder();
  const command = await pi.prepare({ job: makeJob(), instructions: "Be brief.\n", home, environment: {} });
  const folder = join(home, ".pi", "agent");
  expect(command.env).toEqual({
    PI_CODING_AGENT_DIR: folder,
    PI_OFFLINE: "1",
    PI_PROXY_TOKEN: "session-token",
  });
  expect(JSON.parse(await readFile(join(folder, "models.json"), "utf8"))).toEqual({
    providers: {
      proxy: {
        baseUrl: "http://127.0.0.1:9/v1",
        api: "openai-completions",
        apiKey: "$PI_PROXY_TOKEN",
        compat: { supportsDeveloperRole: false, supportsReasoningEffort: false },
        models: [{ id: "scripted", name: "scripted", maxTokens: 32_768 }],
      },
    },
  });
  expect(await readFile(join(folder, "AGENTS.md"), "utf8")).toBe("Be brief.\n");
  expect(command.args).not.toContain("--approve");
  const closed = command.args.filter((arg) => arg.startsWith("--no-"));
  expect(closed).toEqual([
    "--no-session",
    "--no-approve",
    "--no-extensions",
    "--no-skills",
    "--no-prompt-templates",
    "--no-themes",
    "--no-context-files",
  ]);
});

test("a prompt that looks like a command of the agent's is given as prose", async ({ expect }) => {
  const prepare = async (userPrompt: string) =>
    (
      await pi.prepare({
        job: makeJob({ userPrompt }),
        instructions: "",
        home: await makeFolder(),
        environment: {},
      })
    ).input;
  expect(await prepare(" /llama pull x")).toBe("The task:\n\n /llama pull x");
  expect(await prepare("Fix it")).toBe("Fix it");
});

test("instructions begin with the role and name the service and the context last", ({ expect }) => {
  const job = makeJob({
    systemPrompt: "You are a careful engineer.",
    repo: { ...makeJob().repo, serviceDirectory: "packages/api" },
    contextFiles: [{ path: "ticket.md", content: "x", title: "The ticket", url: "https://tracker/1" }],
  });
  const text = composeInstructions(job);
  const order = [
    "You are a careful engineer.",
    "AGENTS.md",
    "blueprints/",
    "spec/",
    "`todo`",
    "packages/api",
    ".cat-context/ticket.md",
  ];
  const positions = order.map((part) => text.indexOf(part));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(positions[0]).toBe(0);
  expect(text).toContain("The ticket (from https://tracker/1)");
  expect(composeInstructions(makeJob())).not.toContain("monorepo");
});
