/**
 * Clones a repository, has an agent work in it, pushes what came of it and opens a pull request: without a server.
 *
 *   node examples/embed/run.ts https://github.com/you/app.git main holt/readme "Describe the tests in the README."
 *
 * Reads GIT_TOKEN, MODEL, MODEL_URL (OpenAI-compatible, with /v1) and MODEL_TOKEN; GITHUB_API where it is not GitHub's
 * own. `pi` has to be on the PATH. Exits with 0 when the work is pushed or there was none, else with 1.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type AgentEvent,
  type Step,
  createRedactor,
  openChangeRequest,
  openWorkspace,
  runDriver,
} from "holt/embed";

const { positionals } = parseArgs({ allowPositionals: true });
const [cloneUrl = "", branch = "", newBranch = "", prompt = ""] = positionals;
const { env } = process;
const token = env["GIT_TOKEN"] ?? "";
const sessionToken = env["MODEL_TOKEN"] ?? "";
const { redact } = createRedactor([token, sessionToken]);

const over = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => over.abort());

const folder = await mkdtemp(join(tmpdir(), "holt-embed-"));
try {
  await carryOut();
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function carryOut(): Promise<void> {
  const { signal } = over;
  const identity = { name: "Example", email: "example@example.com" };
  const workspace = valueOf(
    await openWorkspace({ folder, cloneUrl, token, branch, newBranch, identity, env, signal, onNote: say }),
  );
  say(`cloned ${workspace.startCommit.slice(0, 12)}`);
  const { failure, transcript } = await runDriver({
    agent: { kind: "pi", proxyBaseUrl: env["MODEL_URL"] ?? "", sessionToken },
    model: env["MODEL"] ?? "",
    instructions:
      "You are a careful engineer. Do what is asked and nothing beyond it. Commit your work; do not push.",
    prompt,
    cwd: workspace.checkout,
    scratch: workspace.scratch,
    env,
    signal,
    secrets: [token],
    onEvent: tell,
  });
  // a file that a failed agent left half edited is not committed for it
  const saved = valueOf(await workspace.save(failure === null ? "What the agent left uncommitted" : null));
  if (saved.untracked.count > 0) say(`not in git and left behind: ${saved.untracked.first.join(", ")}`);
  if (saved.commit !== null) {
    valueOf(await workspace.push(saved.commit));
    say(`pushed ${saved.commit.slice(0, 12)} to ${workspace.branch}`);
  }
  if (failure !== null) throw new Error(failure);
  say(transcript.summary);
  if (saved.commit === null) return say("no changes");
  const [owner = "", name = ""] = new URL(cloneUrl).pathname
    .replace(/\.git$/, "")
    .split("/")
    .slice(-2);
  const url = valueOf(
    await openChangeRequest(
      {
        repo: { owner, name, baseBranch: branch, cloneUrl },
        githubApiBase: env["GITHUB_API"],
        token,
        title: prompt.slice(0, 70),
        body: transcript.summary,
        head: workspace.branch,
        base: branch,
      },
      { signal },
    ),
  );
  say(`opened ${url}`);
}

function tell(event: AgentEvent): void {
  if (event.kind === "tool-end") say(`${event.tool} ${event.ok ? "ok" : "failed"}`);
  else if (event.kind === "progress") say(`${event.progress.completed} of ${event.progress.total} steps`);
  else if (event.kind === "usage")
    say(`${event.usage.inputTokens} tokens in, ${event.usage.outputTokens} out`);
}

function valueOf<Value>(step: Step<Value>): Value {
  if (step.ok) return step.value;
  throw new Error(`${step.failure.cause}: ${step.failure.text}`);
}

/** Every text of an agent, of git or of a service goes through the redactor. */
function say(...words: readonly string[]): void {
  process.stdout.write(`${redact(words.join(": "))}\n`);
}
