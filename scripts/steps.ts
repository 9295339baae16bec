import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";

export type Step = { readonly name: string; readonly command: string; readonly args: readonly string[] };

/**
 * Runs a program with its output shown as it comes; its exit code, 128 + n where a signal ended it. While it runs, signals
 * are its business: a terminal's Ctrl-C reaches it by itself, the others are passed on.
 */
export async function runShown(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit" });
  const hold = (): void => undefined;
  const pass = (signal: NodeJS.Signals): boolean => child.kill(signal);
  process.on("SIGINT", hold).on("SIGTERM", pass).on("SIGHUP", pass);
  try {
    return await exitCodeOf(child);
  } finally {
    process.off("SIGINT", hold).off("SIGTERM", pass).off("SIGHUP", pass);
  }
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** Runs a program and keeps its output, to be shown only if it fails. */
export function runQuietly(
  command: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

export function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
