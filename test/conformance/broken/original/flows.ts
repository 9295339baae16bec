/** The original's flows, as far as the kit's rows go. */

import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Said, askAgent } from "./agents.ts";
import { type Fields, type Job, isRecord } from "./body.ts";
import { type Remote, connectRemote, openPullRequest } from "./hosting.ts";
import { git } from "./program.ts";
import type { Reporter } from "./registry.ts";

const followUpsFile = ".cat-follow-ups.jsonl";

type Flow = { readonly job: Job; readonly reporter: Reporter; readonly dir: string; readonly remote: Remote };

export async function runFlow(job: Job, reporter: Reporter, followUpPollMs: number): Promise<Fields> {
  if (job.mode === "preview") {
    const error = "invalid preview job: 'infra.kind' must be 'frontend'";
    return { error, failureCause: "no-usable-output" };
  }
  const dir = await mkdtemp(join(tmpdir(), "agent-"));
  try {
    const flow = { job, reporter, dir, remote: await connectRemote(job.ghToken) };
    if (job.mode === "explore") return await explore(flow);
    if (job.bootstrap !== undefined) return await bootstrap(flow, job.bootstrap);
    if (job.mergeBase !== undefined) return await mergeIn(flow, job.mergeBase);
    return await code(flow, followUpPollMs);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function explore(flow: Flow): Promise<Fields> {
  const { job, reporter, dir } = flow;
  reporter.phase("clone");
  await clone(flow, job.branch, { isShallow: !job.isFull });
  const cwd = await workDir(flow);
  if (job.contextFiles.length > 0) {
    await mkdir(join(cwd, ".cat-context"), { recursive: true });
    for (const { name, content } of job.contextFiles)
      await writeFile(join(cwd, ".cat-context", name), content);
    await appendFile(join(dir, ".git", "info", "exclude"), ".cat-context/\n");
  }
  reporter.phase("agent");
  const said = await askAgent(job, { cwd, prompt: job.userPrompt, reporter });
  const result = resultOf(said);
  if (said.summary.trim() === "")
    return { ...result, error: "the agent produced no report.", failureCause: "no-usable-output" };
  if (!job.isStructured) return result;
  const custom = parseJson(said.summary) ?? (job.repairs ? await repair(job, said, reporter) : undefined);
  if (custom !== undefined) return { ...result, custom };
  const error = "the agent produced no structured result. The agent did not return a parseable JSON object.";
  return { ...result, error, failureCause: "no-usable-output" };
}

function parseJson(text: string): unknown {
  const inner = /^```(?:json)?\s*([^]*?)\s*```$/.exec(text.trim())?.[1] ?? text.trim();
  const candidates = [inner, inner.slice(inner.indexOf("{"), inner.lastIndexOf("}") + 1)];
  for (const candidate of candidates) {
    try {
      return JSON.parse(candidate);
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Never throws, not even when a watchdog ended it. */
async function repair(job: Job, { summary }: Said, { signal }: Reporter): Promise<unknown> {
  const messages = [{ role: "user", content: summary.slice(0, 40_000) }];
  try {
    const response = await fetch(`${job.baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${job.token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: job.model, stream: false, messages }),
      signal,
    });
    const answer: unknown = await response.json();
    const [choice]: readonly unknown[] =
      isRecord(answer) && Array.isArray(answer["choices"]) ? answer["choices"] : [];
    const message = isRecord(choice) && isRecord(choice["message"]) ? choice["message"] : {};
    return parseJson(String(message["content"]));
  } catch {
    return undefined;
  }
}

async function code(flow: Flow, followUpPollMs: number): Promise<Fields> {
  const { job, reporter, dir, remote } = flow;
  const { newBranch, pushBranch, branch } = job;
  const { signal } = reporter;
  const isResumed =
    newBranch !== undefined &&
    (await git(["ls-remote", "--heads", job.cloneUrl, newBranch], { env: remote.env, signal })) !== "";
  reporter.phase("clone");
  if (isResumed) await clone(flow, newBranch, { isSingleBranch: true });
  else await clone(flow, branch, { isShallow: true });
  if (!isResumed && newBranch !== undefined) await git(["checkout", "-b", newBranch], { cwd: dir });
  const base = await head(dir);
  if (isResumed) {
    await git(["fetch", "origin", branch], { cwd: dir, env: remote.env });
    await git(["merge", "--no-edit", "FETCH_HEAD"], { cwd: dir }).catch(() => undefined);
  }
  const cwd = await workDir(flow);
  reporter.phase("agent");
  const tail = job.streamFollowUps ? tailFollowUps(join(cwd, followUpsFile), reporter, followUpPollMs) : null;
  const said = await askAgent(job, { cwd, prompt: job.userPrompt, reporter }).finally(() => tail?.());
  await git(["add", "-u"], { cwd: dir });
  if ((await git(["diff", "--cached", "--name-only"], { cwd: dir })) !== "")
    await git(["commit", "-m", job.commitMessage], { cwd: dir });
  const result = { pushed: false, branch: pushBranch, ...resultOf(said) };
  if (!isResumed && (await head(dir)) === base) {
    if (!job.noChangesIsError) return result;
    return { ...result, error: "the agent produced no file changes.", failureCause: "no-changes" };
  }
  reporter.phase("push");
  await push(flow, pushBranch);
  const prUrl = job.pr === undefined ? {} : { prUrl: await openPullRequest(job, job.pr, signal) };
  return { ...result, pushed: true, ...prUrl };
}

async function mergeIn(flow: Flow, base: string): Promise<Fields> {
  const { job, reporter, dir } = flow;
  const { branch } = job;
  reporter.phase("clone");
  await clone(flow, branch, {});
  const before = await head(dir);
  const idle = { toolCalls: 0, assistantChars: 0 };
  const isClean = await git(["merge", "--no-edit", `origin/${base}`], { cwd: dir }).then(
    () => true,
    () => false,
  );
  if (isClean && (await head(dir)) === before) {
    const summary = "No conflicts: the branch is already up to date with its base.";
    return { pushed: false, branch, summary, stats: idle };
  }
  if (isClean) {
    reporter.phase("push");
    await push(flow, branch);
    const summary = "Merged the base in cleanly (no conflicts to resolve).";
    return { pushed: true, branch, summary, stats: idle };
  }
  const unmerged = async (): Promise<readonly string[]> =>
    (await git(["diff", "--name-only", "--diff-filter=U"], { cwd: dir })).split("\n").filter(Boolean);
  const paths = await unmerged();
  const diff = await git(["diff", "--", ...paths], { cwd: dir });
  reporter.phase("agent");
  const prompt = `Resolve the conflicts of ${branch} with ${base} in:\n- ${paths.join("\n- ")}\n\n${diff}`;
  const said = await askAgent(job, { cwd: dir, prompt, reporter });
  const result = { branch, ...resultOf(said) };
  const left = await unmerged();
  if (left.length > 0) {
    const error = `The agent did not resolve all merge conflicts (${left.length} file(s) still conflicted: ${left.join(", ")}).`;
    return { pushed: false, ...result, error, failureCause: "agent" };
  }
  await git(["add", "-A"], { cwd: dir });
  if ((await git(["diff", "--cached", "--name-only"], { cwd: dir })) !== "")
    await git(["commit", "-m", `Merge ${base} into ${branch}`], { cwd: dir });
  reporter.phase("push");
  await push(flow, branch);
  return { pushed: true, ...result };
}

async function bootstrap(flow: Flow, target: NonNullable<Job["bootstrap"]>): Promise<Fields> {
  const { job, reporter, dir, remote } = flow;
  const { cloneUrl, defaultBranch, fromScratch } = target;
  if (!fromScratch) {
    reporter.phase("clone");
    await clone(flow, job.branch, { isShallow: true });
  }
  reporter.phase("agent");
  const said = await askAgent(job, { cwd: dir, prompt: job.userPrompt, reporter });
  const result = resultOf(said);
  const { toolCalls, assistantChars } = said.stats;
  if (!fromScratch) await git(["add", "-A"], { cwd: dir });
  const hasMade = fromScratch
    ? (await readdir(dir, { recursive: true, withFileTypes: true })).some((entry) => entry.isFile())
    : (await git(["status", "--porcelain"], { cwd: dir })) !== "";
  if (!hasMade) {
    const what = fromScratch ? "scaffolded no files" : "made no changes to the reference architecture";
    const error = `the bootstrapper agent ${what} (tool calls: ${toolCalls}, assistant output: ${assistantChars} chars).`;
    return { ...result, error, failureCause: "agent" };
  }
  reporter.phase("push");
  await rm(join(dir, ".git"), { recursive: true, force: true });
  await git(["init", "-q", dir]);
  await git(["checkout", "-q", "-b", defaultBranch], { cwd: dir });
  await identify(dir);
  await git(["add", "-A"], { cwd: dir });
  await git(["commit", "-q", "-m", `Bootstrap from ${job.owner}/${job.name}`], { cwd: dir });
  await git(["remote", "add", "origin", cloneUrl], { cwd: dir });
  await git(["push", "--force", "-u", "origin", defaultBranch], { cwd: dir, env: remote.env });
  return { defaultBranch, ...result };
}

async function clone(
  { job, reporter, dir, remote }: Flow,
  branch: string,
  { isShallow = false, isSingleBranch = false }: { isShallow?: boolean; isSingleBranch?: boolean },
): Promise<void> {
  const depth = [...(isShallow ? ["--depth", "1"] : []), ...(isSingleBranch ? ["--single-branch"] : [])];
  const { signal } = reporter;
  await git(["clone", ...depth, "--branch", branch, job.cloneUrl, dir], { env: remote.env, signal });
  await identify(dir);
}

async function identify(dir: string): Promise<void> {
  await git(["config", "user.name", "original[bot]"], { cwd: dir });
  await git(["config", "user.email", "original[bot]@example.invalid"], { cwd: dir });
}

/** From where the agent worked, with its configuration and its hooks. */
async function push({ dir, remote, reporter }: Flow, branch: string): Promise<void> {
  await git(["push", "-u", "origin", branch], { cwd: dir, env: remote.env, signal: reporter.signal });
}

async function workDir({ job, dir }: Flow): Promise<string> {
  const cwd = join(dir, job.serviceDirectory);
  await mkdir(cwd, { recursive: true });
  return cwd;
}

async function head(dir: string): Promise<string> {
  return (await git(["rev-parse", "HEAD"], { cwd: dir })).trim();
}

function resultOf({ summary, stats, usage }: Said): Fields {
  return { summary, stats, ...(usage !== undefined && { usage }) };
}

/** Only lines that have their end; the result reads once more and ends it. */
function tailFollowUps(file: string, reporter: Reporter, pollMs: number): () => Promise<void> {
  let consumed = 0;
  const poll = async (): Promise<void> => {
    const text = await readFile(file, "utf8").catch(() => "");
    const end = text.lastIndexOf("\n") + 1;
    const lines = text.slice(consumed, end).split("\n");
    consumed = Math.max(consumed, end);
    for (const value of lines.map(parseLine)) {
      const title = isRecord(value) && typeof value["title"] === "string" ? value["title"].trim() : "";
      if (!isRecord(value) || title === "") continue;
      const { kind, detail, suggestedAction } = value;
      reporter.followUp({
        kind: kind === "question" ? kind : "follow_up",
        title: title.slice(0, 300),
        detail: typeof detail === "string" ? detail : "",
        ...(typeof suggestedAction === "string" && { suggestedAction }),
      });
    }
  };
  const timer = setInterval(() => void poll(), pollMs);
  return async () => {
    clearInterval(timer);
    await poll();
  };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
