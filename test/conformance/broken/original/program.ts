/** Child processes as the original has them: whole environment, and only the direct child is ever signalled. */

import { execFile, spawn } from "node:child_process";

export type Failure = Error & { readonly failureCause?: string };

/** What is thrown with a cause of its own; anything else thrown is the agent's. */
export class HarnessFailure extends Error {
  readonly failureCause: string;

  constructor(failureCause: string, message: string) {
    super(redact(message));
    this.failureCause = failureCause;
  }
}

/** Patterns alone: the job's own values are not known. */
export function redact(text: string): string {
  return text
    .replaceAll(/(https?):\/\/[^@\s/]+@/g, "$1://***@")
    .replaceAll(/\b(ghs_|ghp_|gho_|github_pat_)\w+/g, "$1***")
    .replaceAll(/(\w*(?:password|passwd|pwd|secret|token|key|credential)\w*\s*[:=]\s*)\S+/gi, "$1***");
}

export type AgentRun = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly signal: AbortSignal;
  readonly onActivity: () => void;
  readonly onLine: (line: string) => void;
};

export type AgentEnd = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Everything is kept, every chunk decoded by itself; the end is that of all who hold the pipes. */
export function runAgent(run: AgentRun): Promise<AgentEnd> {
  const { command, args, cwd, env, input, signal, onActivity, onLine } = run;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    let open = "";
    const end = (): void => void child.kill("SIGTERM");
    signal.addEventListener("abort", end);
    child.on("error", reject);
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.stdout.on("data", (chunk: Buffer) => {
      onActivity();
      const text = chunk.toString();
      stdout += text;
      const lines = `${open}${text}`.split("\n");
      open = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      onActivity();
      stderr += chunk.toString();
    });
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      resolve({ code, stdout, stderr });
    });
  });
}

/** With the repository's own configuration and hooks. */
export function git(
  args: readonly string[],
  {
    cwd,
    env = {},
    signal,
  }: { cwd?: string; env?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024, signal };
  return new Promise((resolve, reject) => {
    execFile("git", [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new HarnessFailure("git", error.message));
    });
  });
}
