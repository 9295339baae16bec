// Every command of docs/api.md, run in its order against a real Worker, engine, harness and agent; each shown answer is held
// against the real one.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../../local/model/fix-failing-test.ts";
import { runInTurn } from "../../../local/model/script.ts";
import { type Gate, makeGate } from "../gate.ts";
import { openWorld, type World } from "../world.ts";
import { unlike } from "./likeness.ts";
import { openShell, type Shell } from "./shell.ts";

let world: World;
let gate: Gate;
let shell: Shell;
beforeAll(async () => {
  [world, gate] = await Promise.all([openWorld(), makeGate()]);
  const waiting = runInTurn([gate.command], "Waited.");
  world.job("gpt-5", (conversation) =>
    conversation.prompt.includes("Rewrite") ? waiting(conversation) : fixFailingTest(conversation),
  );
  shell = await openShell({
    HOLT_URL: world.url,
    HOLT_TOKEN: world.secrets.token,
    CLONE_URL: world.repository.cloneUrl,
    GITHUB_TOKEN: world.secrets.git,
    OPENAI_BASE_URL: world.standIns.model.url,
    OPENAI_API_KEY: world.secrets.model,
  });
});
afterAll(async () => {
  await gate.close();
  await shell.close();
  await world.close();
});

const page = readFileSync("docs/api.md", "utf8");
const steps = [...page.matchAll(/^```sh\n([\s\S]*?)^```\n+```(json|text)\n([\s\S]*?)^```$/gm)].map(
  ([, command = "", kind = "", answer = ""]) => ({ command, kind, answer }),
);

test("each command of the page answers what the page shows", { timeout: 300_000 }, async ({ expect }) => {
  expect(steps.length).toBe([...page.matchAll(/^```sh$/gm)].length);
  expect([...page.matchAll(/^## /gm)].length).toBe(10);
  for (const { command, kind, answer } of steps) {
    const { exitCode, stdout, stderr } = await shell.run(command);
    expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: "" });
    if (kind === "text") expect({ command, stdout }).toEqual({ command, stdout: answer });
    else {
      const misses = unlike(JSON.parse(answer), JSON.parse(stdout));
      expect({ command, misses }).toEqual({ command, misses: [] });
    }
  }
});
