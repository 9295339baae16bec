/** The three agents as the original starts and hears them. */

import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type Fields, type Job, isRecord } from "./body.ts";
import { type AgentEnd, redact, runAgent } from "./program.ts";
import type { Reporter } from "./registry.ts";

export type Said = {
  readonly summary: string;
  readonly stats: { readonly toolCalls: number; readonly assistantChars: number };
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly stderr: string;
};

type Options = { readonly cwd: string; readonly prompt: string; readonly reporter: Reporter };

export function askAgent(job: Job, options: Options): Promise<Said> {
  if (job.agent === "pi") return askPi(job, options);
  return job.agent === "codex" ? askCodex(job, options) : askClaude(job, options);
}

async function start(
  { command, args, env, input }: { command: string; args: readonly string[]; env: Fields; input: string },
  { cwd, reporter }: Options,
  onEvent: (event: Fields) => void,
): Promise<AgentEnd & { readonly events: readonly Fields[] }> {
  const events: Fields[] = [];
  const stop = new AbortController();
  let guard: string | null = null;
  let failing = 0;
  const end = await runAgent({
    command,
    args,
    cwd,
    input,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    signal: AbortSignal.any([reporter.signal, stop.signal]),
    onActivity: reporter.activity,
    onLine: (line) => {
      const event = parse(line);
      if (event === null) return;
      // a flood is many times the same: what is heard is kept, as are all bytes
      if (event["type"] !== "message_update") events.push(event);
      onEvent(event);
      if (event["type"] !== "tool_execution_end") return;
      failing = event["isError"] === true ? failing + 1 : 0;
      if (failing < 12) return;
      guard ??= `no progress: ${failing} consecutive failing tool calls — the agent is stuck retrying a failing operation rather than making progress. Aborting.`;
      stop.abort();
    },
  });
  if (guard !== null) throw new Error(guard);
  if (reporter.signal.aborted) throw new Error("agent run aborted by watchdog");
  const last = (end.stderr.trim() === "" ? end.stdout : end.stderr).slice(-500);
  if (end.code !== 0) throw new Error(`${command} exited with code ${end.code}: ${last}`);
  return { ...end, events };
}

/** One set of files in the home of the harness, whatever jobs there are. */
async function askPi(job: Job, options: Options): Promise<Said> {
  const folder = join(homedir(), ".pi", "agent");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "AGENTS.md"), job.systemPrompt);
  const { events, stdout, stderr } = await start(
    {
      command: "pi",
      args: ["-p", "--mode", "json", "--model", `proxy/${job.model}`, "--approve"],
      env: { PI_PROXY_TOKEN: job.token },
      input: options.prompt,
    },
    options,
    (event) => hearPi(event, options.reporter),
  );
  const gaveUp = events.findLast(({ type }) => type === "auto_retry_end");
  if (gaveUp?.["success"] === false) throw new Error(redact(String(gaveUp["finalError"])));
  const end = events.findLast(({ type }) => type === "agent_end");
  const messages = list(end?.["messages"]).filter(({ role }) => role === "assistant");
  const parts = messages.flatMap(({ content }) => list(content));
  const texts = messages.map(({ content }) => textOf(content)).filter((text) => text !== "");
  return {
    summary: texts.at(-1) ?? stdout.slice(-2_000),
    stats: {
      toolCalls: parts.filter(({ type }) => type === "toolCall").length,
      assistantChars: texts.join("").length,
    },
    stderr: redact(stderr.slice(-700)).trim(),
  };
}

function hearPi({ type, toolName, isError, result }: Fields, reporter: Reporter): void {
  if (type !== "tool_execution_end" || typeof toolName !== "string") return;
  reporter.span(toolName, isError !== true);
  const tasks = list(isRecord(result) && isRecord(result["details"]) ? result["details"]["tasks"] : []);
  if (tasks.length === 0) return;
  const items = tasks.map(({ subject, title, status }) => ({
    label: String(subject ?? title),
    status: status === "completed" || status === "in_progress" ? status : "pending",
  }));
  const count = (wanted: string): number => items.filter(({ status }) => status === wanted).length;
  reporter.progress({
    completed: count("completed"),
    inProgress: count("in_progress"),
    total: items.length,
    items,
  });
}

async function askClaude(job: Job, options: Options): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), "cf-claude-"));
  await writeFile(join(folder, ".claude.json"), "{}", { mode: 0o600 });
  const { events, stderr } = await start(
    {
      command: "claude",
      args: [
        ..."-p --output-format stream-json --verbose --permission-mode bypassPermissions".split(" "),
        "--model",
        job.model,
        "--append-system-prompt",
        job.systemPrompt,
      ],
      env: { CLAUDE_CONFIG_DIR: folder, ANTHROPIC_BASE_URL: job.baseUrl, ANTHROPIC_AUTH_TOKEN: job.token },
      input: options.prompt,
    },
    options,
    () => undefined,
  );
  const result: Fields = events.findLast(({ type }) => type === "result") ?? {};
  const usage = isRecord(result["usage"]) ? result["usage"] : {};
  const caches = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
  const summary = wordsOf(result["result"]);
  return {
    summary,
    stats: { toolCalls: 0, assistantChars: summary.length },
    usage: {
      inputTokens: caches.reduce((sum, name) => sum + Number(usage[name] ?? 0), 0),
      outputTokens: Number(usage["output_tokens"] ?? 0),
    },
    stderr: redact(stderr.slice(-700)).trim(),
  };
}

/** Of the event schema of an older Codex: no call of the current one is counted, what was cached is counted twice. */
async function askCodex(job: Job, options: Options): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), "cf-codex-"));
  await writeFile(join(folder, "auth.json"), job.token, { mode: 0o600 });
  const { events, stderr } = await start(
    {
      command: "codex",
      args: [
        ..."exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox".split(" "),
        "--model",
        job.model,
        "-",
      ],
      env: { CODEX_HOME: folder },
      input: `${job.systemPrompt}\n\n---\n\n${options.prompt}`,
    },
    options,
    () => undefined,
  );
  const items = events.map(({ item }) => item).filter(isRecord);
  const summary = wordsOf(items.findLast(({ text }) => typeof text === "string")?.["text"]);
  const usage = events.map((event) => event["usage"]).findLast(isRecord) ?? {};
  return {
    summary,
    stats: { toolCalls: 0, assistantChars: summary.length },
    usage: {
      inputTokens: Number(usage["input_tokens"] ?? 0) + Number(usage["cached_input_tokens"] ?? 0),
      outputTokens: Number(usage["output_tokens"] ?? 0),
    },
    stderr: redact(stderr.slice(-700)).trim(),
  };
}

function parse(line: string): Fields | null {
  if (!line.trim().startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function list(value: unknown): readonly Fields[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.filter(isRecord);
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content.trim();
  return list(content)
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("")
    .trim();
}
