/**
 * Records what the pinned programs print, started as the harness starts them, against scripted models on this machine:
 * `npm run record`, or `npm run record -- codex truncated` for some of it.
 */
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { agentOf } from "../../container/agents/agents.ts";
import { composeInstructions } from "../../container/agents/instructions.ts";
import { runProcess } from "../../container/process.ts";
import { childEnvironment } from "../../container/process/environment.ts";
import { describeExit } from "../../container/process/exit.ts";
import { gitEnvironment } from "../../local/git-server/git.ts";
import { sampleProjectDir } from "../../local/sample/sample.ts";
import { type AgentJob, parseJobBody } from "../../shared/job-body.ts";
import { type AgentUnderTest, agentsUnderTest } from "./agents-under-test.ts";
import { agentsFolder, installAgents, installedBin, nodeFolder } from "./install.ts";
import { normalise, whatIsNormalised } from "./normalise.ts";
import { type RecordingPlan, recordings } from "./recordings.ts";
import { task } from "./scripts.ts";

/** An account with no entry and no folder: Claude Code refuses to work for root. */
const user = process.getuid?.() === 0 ? { name: "10002", uid: 10_002, gid: 10_002 } : null;

const fixtures = fileURLToPath(new URL("../container/fixtures", import.meta.url));
const token = "scripted-token";
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Commits of every recording have the same ids. */
const gitIdentity = {
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.invalid",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.invalid",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
} as const;

/** Claude Code's usual ten retries take three minutes and say nothing more than two. */
const fewRetries = { CLAUDE_CODE_MAX_RETRIES: "2" } as const;

const [onlyKind, onlyScenario] = process.argv.slice(2);
await installAgents(print);
for (const agent of agentsUnderTest.filter(({ kind }) => onlyKind === undefined || kind === onlyKind)) {
  for (const plan of recordings) {
    const isWanted = onlyScenario === undefined || plan.scenario === onlyScenario;
    if (isWanted && (plan.only === undefined || plan.only === agent.kind)) await record(agent, plan);
  }
}

async function record(agent: AgentUnderTest, { scenario, script, model = agent.model }: RecordingPlan) {
  const folder = await mkdtemp(join(tmpdir(), "holt-record-"));
  const server = await agent.startModel({ script, token, log: () => undefined });
  try {
    const job = parseJob({ ...agent.jobFields(server, token), model });
    const [home, checkout] = [join(folder, "home"), join(folder, "checkout")];
    await mkdir(home, { mode: 0o700 });
    await makeCheckout(folder, checkout);
    const setup = { job, instructions: composeInstructions(job), home, environment: {} };
    const { file, args, env, input } = await agentOf(job).prepare(setup);
    await handOver(folder);
    const extras = {
      PATH: `${installedBin}:${nodeFolder}:/usr/bin:/bin`,
      HOME: home,
      TMPDIR: home,
      ...gitIdentity,
    };
    const chunks: Uint8Array[] = [];
    const end = await runProcess({
      file,
      args,
      input,
      cwd: checkout,
      env: childEnvironment(extras, { ...extras, ...env, ...fewRetries }),
      user,
      killGraceMs: 5_000,
      timeoutMs: 300_000,
      onStdout: (chunk) => chunks.push(chunk),
    });
    const header = {
      cli: agent.program,
      version: agent.version,
      date: new Date(Date.now()).toISOString().slice(0, 10),
      scenario,
      model,
      exit: describeExit(end.exit),
      against: "a scripted server on this machine, no vendor",
      normalised: whatIsNormalised,
    };
    const folders = { [folder]: "/job", [agentsFolder]: "/agents" };
    const stream = normalise(Buffer.concat(chunks).toString("utf8"), { folders });
    const target = join(fixtures, agent.kind);
    await mkdir(target, { recursive: true });
    const text = `${JSON.stringify({ recorded: header })}\n${stream}`;
    await writeFile(join(target, `${agent.version}-${scenario}.jsonl`), text);
    print(`${agent.kind} ${scenario}: ${describeExit(end.exit)}, ${stream.split("\n").length} lines`);
    if (end.stderrLines.length > 0) print(`  ${end.stderrLines.slice(-3).join("\n  ")}`);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function parseJob(fields: Readonly<Record<string, unknown>>): AgentJob {
  const body = {
    jobId: "recording",
    mode: "coding",
    systemPrompt: "You are a careful engineer.",
    userPrompt: task,
    ghToken: "unused",
    repo: { owner: "octo", name: "app", baseBranch: "main", cloneUrl: "http://127.0.0.1/octo/app.git" },
    branch: "main",
    ...fields,
  };
  const parsed = parseJobBody(body, { allowedHosts: ["127.0.0.1"] });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.job;
}

/** The sample project with one commit, always the same one. */
async function makeCheckout(home: string, checkout: string): Promise<void> {
  await cp(sampleProjectDir, checkout, { recursive: true });
  const options = {
    cwd: checkout,
    env: { ...gitEnvironment(home), ...gitIdentity },
    extendEnv: false,
  } as const;
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-q", "-m", "Begin"],
  ]) {
    await execa("git", args, { ...options, stdin: "ignore" });
  }
}

async function handOver(folder: string): Promise<void> {
  if (user === null) return;
  const { uid, gid } = user;
  await chown(folder, uid, gid);
  await chmod(folder, 0o700);
  await execa("chown", ["-R", "-h", `${uid}:${gid}`, folder]);
}
