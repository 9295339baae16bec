/**
 * Every child of the harness starts here: in a process group of its own, with an environment of its own, bounded in
 * time and output. When the child ends its group ends with it, and pipes that a stranger still holds are let go.
 */

import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { execa } from "execa";
import type { AgentUser } from "./process/agent-user.ts";
import type { Exit } from "./process/exit.ts";
import { readPaced } from "./process/paced-reader.ts";
import { createTail } from "./process/tail.ts";

export type ProcessSpec = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The complete environment; nothing is added to it, and who is named in it is the `user`. */
  readonly env: Readonly<Record<string, string>>;
  /** Whose process it is; absent or null: the harness's own user. */
  readonly user?: AgentUser | null;
  /** Written to standard input, which is then closed; absent: /dev/null. */
  readonly input?: string;
  /** Of `input` and of the collected output. In `latin1` a character is a byte, so any bytes pass unchanged. */
  readonly encoding?: "utf8" | "latin1";
  /** One line for the child to read from descriptor 3: a secret that is in no argument, environment or file. */
  readonly secret?: string;
  readonly timeoutMs?: number;
  /** From SIGTERM to SIGKILL. */
  readonly killGraceMs: number;
  readonly signal?: AbortSignal;
  /** Where standard output goes; absent: it is collected, up to `maxOutputBytes`. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly onStderrLine?: (line: string) => void;
  /** For lines of standard error that have to be cut; absent: they end with a whole word. */
  readonly redact?: (text: string) => string;
  /** Any byte of either stream. */
  readonly onActivity?: () => void;
  /** More on standard output ends the process. */
  readonly maxOutputBytes?: number;
  /** The child's id, which is also its group's and its session's. */
  readonly onStart?: (pid: number) => void;
};

export type ProcessEnd = {
  readonly exit: Exit;
  /** What was collected; empty where `onStdout` took it. */
  readonly stdout: string;
  /** The last lines of standard error, unredacted. */
  readonly stderrLines: readonly string[];
};

/** A pipe of an ended child is closed after this many quiet intervals, or this many in all. */
const drain = { intervalMs: 100, quietIntervals: 5, maxIntervals: 50 } as const;
const defaultMaxOutputBytes = 16 * 1024 * 1024;

/** Runs a program to its end. Never rejects: what went wrong is the `exit`. */
export async function runProcess(spec: ProcessSpec): Promise<ProcessEnd> {
  if (spec.signal?.aborted === true) return { exit: { kind: "cancelled" }, stdout: "", stderrLines: [] };
  const maxBytes = spec.maxOutputBytes ?? defaultMaxOutputBytes;
  const collected: Uint8Array[] = [];
  const stderr = createTail({ onLine: spec.onStderrLine, redact: spec.redact });
  let stdoutBytes = 0;
  let isTooLarge = false;

  const started = tryStart(spec);
  if (started.kind === "refused") return { exit: started.exit, stdout: "", stderrLines: [] };
  const { child } = started;
  if (child.pid !== undefined) spec.onStart?.(child.pid);
  const reading = readPaced(child.stdout, (chunk) => {
    spec.onActivity?.();
    if (isTooLarge) return;
    stdoutBytes += chunk.length;
    if (spec.onStdout === undefined || spec.maxOutputBytes !== undefined) isTooLarge = stdoutBytes > maxBytes;
    if (isTooLarge) child.kill();
    else if (spec.onStdout === undefined) collected.push(chunk);
    else spec.onStdout(chunk);
  });
  const readingErrors = readPaced(child.stderr, (chunk) => {
    spec.onActivity?.();
    stderr.write(chunk);
  });
  child.nodeChildProcess.once("exit", () => {
    killGroup(child.pid);
    letGoOfPipes(child.nodeChildProcess, () => reading.isBusy() || readingErrors.isBusy());
  });

  const result = await child;
  await Promise.all([reading.settled(), readingErrors.settled()]);
  stderr.end();
  return {
    exit: isTooLarge ? { kind: "output-too-large", maxBytes } : toExit(result, spec),
    stdout: Buffer.concat(collected).toString(spec.encoding ?? "utf8"),
    stderrLines: stderr.lines(),
  };
}

/** A NUL in an argument, say, is refused before there is a process. */
function tryStart(spec: ProcessSpec) {
  try {
    return { kind: "started", child: start(spec) } as const;
  } catch (error) {
    return { kind: "refused", exit: { kind: "spawn-failed", error: String(error) } } as const;
  }
}

function start(spec: ProcessSpec) {
  return execa(spec.file, spec.args, {
    cwd: spec.cwd,
    env: spec.user == null ? spec.env : namedFor(spec.user, spec.env),
    extendEnv: false,
    // where root starts a process as somebody else, libuv drops root's supplementary groups too
    ...(spec.user != null && { uid: spec.user.uid, gid: spec.user.gid }),
    stdio: [
      spec.input === undefined ? "ignore" : [Buffer.from(spec.input, spec.encoding ?? "utf8")],
      "pipe",
      "pipe",
      ...(spec.secret === undefined ? [] : [[Buffer.from(`${spec.secret}\n`)]]),
    ],
    buffer: false,
    encoding: "buffer",
    reject: false,
    killDescendants: true,
    forceKillAfterDelay: spec.killGraceMs,
    ...(spec.timeoutMs !== undefined && { timeout: Math.ceil(spec.timeoutMs) }),
    ...(spec.signal !== undefined && { cancelSignal: spec.signal }),
  });
}

function namedFor({ name }: AgentUser, env: ProcessSpec["env"]): Record<string, string> {
  const names = ["USER", "LOGNAME"].filter((variable) => variable in env);
  return { ...env, ...Object.fromEntries(names.map((variable) => [variable, name])) };
}

/**
 * A process that left the group may hold the pipes of a child that has ended. What the child wrote is read first: an
 * interval counts as quiet only after the event loop has had a turn to read, and nothing that was read is still at work.
 */
function letGoOfPipes(child: ChildProcess, isBusy: () => boolean): void {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const bytesRead = (): number => streams.reduce((sum, stream) => sum + readBytes(stream), 0);
  let seen = bytesRead();
  let quiet = 0;
  let intervals = 0;
  const timer = setInterval(() => {
    const bytes = bytesRead();
    quiet = bytes === seen && !isBusy() ? quiet + 1 : 0;
    seen = bytes;
    intervals += 1;
    if (quiet < drain.quietIntervals && intervals < drain.maxIntervals) return;
    for (const stream of streams) stream.destroy();
  }, drain.intervalMs);
  child.once("close", () => clearInterval(timer));
}

function readBytes(stream: Readable): number {
  return stream instanceof Socket ? stream.bytesRead : 0;
}

/** What the group's leader has left behind; nothing is there to be told gently any more. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ESRCH: the whole group is gone
  }
}

type ProcessOutcome = {
  readonly isCanceled: boolean;
  readonly timedOut: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
};

function toExit(result: ProcessOutcome, spec: ProcessSpec): Exit {
  if (result.isCanceled) return { kind: "cancelled" };
  if (result.timedOut) return { kind: "timed-out", timeoutMs: spec.timeoutMs ?? 0 };
  if (result.exitCode !== undefined) return { kind: "exited", code: result.exitCode };
  if (result.signal !== undefined) return { kind: "signalled", signal: result.signal };
  return { kind: "spawn-failed", error: result.originalMessage ?? "unknown reason" };
}
