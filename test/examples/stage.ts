/** One example, dispatched at the harness's own process, with agent, docker, Java and package manager faked on PATH. */

import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, vi } from "vitest";
import * as z from "zod";
import { flowOf, parseJobBody } from "../../shared/job-body.ts";
import { FollowUp, JobResult } from "../../shared/job-result.ts";
import { ghToken } from "../container/git-host.ts";
import { type Programs, freePort, layPrograms, usual } from "../container/infra/site.ts";
import { makeFolder } from "../container/job-folder.ts";
import { type Body, type Example, parseBody, readExample } from "./examples.ts";
import { type Shop, type ShopOptions, openShop } from "./shop.ts";

const main = new URL("../../container/main.ts", import.meta.url).pathname;
const agentProgram = new URL("agent-program.mjs", import.meta.url).pathname;

/** What the agent's program was given, and what its own commands printed. */
const AgentRecord = z.object({
  name: z.string(),
  args: z.array(z.string()),
  stdin: z.string(),
  cwd: z.string(),
  home: z.string(),
  homeFiles: z.record(z.string(), z.string()),
  contextFiles: z.record(z.string(), z.string()),
  variables: z.array(z.string()),
  output: z.string(),
});
export type AgentRecord = z.infer<typeof AgentRecord>;

const View = z.looseObject({
  state: z.enum(["running", "done", "failed"]),
  phase: z.string(),
  result: JobResult.optional(),
  followUps: z.array(FollowUp).optional(),
});
export type View = z.infer<typeof View>;

export type Stage = {
  readonly example: Example;
  /** The example's body with this machine's addresses and tokens in it. */
  readonly body: Body;
  readonly flow: string;
  readonly shop: Shop;
  readonly programs: Programs;
  /** Dispatches the body over HTTP and waits for the job's end. */
  readonly carryOut: () => Promise<View>;
  readonly record: () => Promise<AgentRecord>;
};

export type StageOptions = ShopOptions & {
  /** Shell commands of the agent's, run in its working directory. */
  readonly act: string;
  /** Put behind both prompts. */
  readonly more?: string;
};

const programNames = { pi: "pi", "claude-code": "claude", codex: "codex" } as const;
const secret = "secret-of-the-harness";

export async function openStage(role: string, options: StageOptions): Promise<Stage> {
  const folder = await makeFolder();
  const example = readExample(role);
  const shop = await openShop(folder, options);
  const bin = join(folder, "bin");
  const programs = await layPrograms(bin, usual);
  const filled = parseBody(await inPlace(example.text, shop));
  const { more = "" } = options;
  const body = {
    ...filled,
    systemPrompt: filled.systemPrompt + more,
    userPrompt: filled.userPrompt + more,
  };
  const parsed = parseJobBody(body, { allowedHosts: ["127.0.0.1"] });
  if (!parsed.ok) throw new Error(parsed.error);
  const name = programNames[body.harness];
  await writeFile(
    join(bin, name),
    `#!/bin/sh\nexec '${process.execPath}' '${agentProgram}' ${name} '${folder}' "$@"\n`,
  );
  await chmod(join(bin, name), 0o755);
  const { summary: reply = "", stats, usage } = example.result;
  const plan = { act: options.act, reply, toolCalls: stats?.toolCalls, usage };
  await writeFile(join(folder, "plan.json"), JSON.stringify(plan));
  return {
    example,
    body,
    flow: flowOf(parsed.job),
    shop,
    programs,
    carryOut: async () => carryOut(await startHarness(folder, programs.path), body),
    record: async () => AgentRecord.parse(JSON.parse(await readFile(join(folder, "record.json"), "utf8"))),
  };
}

/** The file's text with its placeholders filled, and everything at `example.com` moved to this machine. */
async function inPlace(text: string, { git, github }: Shop): Promise<string> {
  const filled: ReadonlyArray<readonly [string, string]> = [
    ["https://git.example.com/api/v3", github.url],
    ["https://git.example.com/acme/", `${git.url}/acme/`],
    ["https://models.example.com/v1", "http://127.0.0.1:9/v1"],
    ["<GITHUB_TOKEN>", ghToken],
    ["<MODEL_TOKEN>", "model-token-0123456789"],
    ["<CLAUDE_TOKEN>", "claude-token-0123456789"],
    ["<CODEX_TOKEN>", "codex-token-0123456789"],
    ['"servePort": 4173', `"servePort": ${await freePort()}`],
    ['"wiremockPort": 8089', `"wiremockPort": ${await freePort()}`],
  ];
  return filled.reduce((left, [placeholder, value]) => left.replaceAll(placeholder, value), text);
}

/** The program of the image's entry point, on a free port; ends with the test. */
async function startHarness(folder: string, path: string): Promise<string> {
  const env = {
    PATH: path,
    HOME: folder,
    TMPDIR: folder,
    PORT: "0",
    HARNESS_SHARED_SECRET: secret,
    HARNESS_HOST: "127.0.0.1",
    GITHUB_ALLOWED_HOSTS: "127.0.0.1",
  };
  const child = execa(process.execPath, [main], {
    env,
    extendEnv: false,
    reject: false,
    forceKillAfterDelay: 10_000,
  });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await child;
  });
  const listening = Promise.withResolvers<string>();
  child.stdout.on("data", (chunk) => {
    const port = /^executor-harness listening on :(\d+)$/m.exec(String(chunk))?.[1];
    if (port !== undefined) listening.resolve(`http://127.0.0.1:${port}`);
  });
  return listening.promise;
}

async function carryOut(url: string, body: Body): Promise<View> {
  const headers = { "x-harness-secret": secret, "content-type": "application/json" };
  const accepted = await fetch(`${url}/jobs`, { method: "POST", headers, body: JSON.stringify(body) });
  if (accepted.status !== 202) throw new Error(`${accepted.status}: ${await accepted.text()}`);
  const followUps: FollowUp[] = [];
  const read = async (): Promise<View> => {
    const answer = await fetch(`${url}/jobs/${encodeURIComponent(body.jobId)}`, { headers });
    const view = View.parse(await answer.json());
    followUps.push(...(view.followUps ?? []));
    if (view.state === "running") throw new Error(`${body.jobId} is in phase ${view.phase}`);
    return view;
  };
  const ended = await vi.waitFor(read, { interval: 30, timeout: 25_000 });
  return { ...ended, followUps };
}
