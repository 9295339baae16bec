import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { Socket } from "node:net";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import split from "split2";

export type ProcessOptions = {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The container's folder: HOME and TMPDIR lie in it. */
  readonly root: string;
  readonly onLine: (line: string) => void;
  /** The program begins when `goOn` is called; until then its process only waits. */
  readonly isHeld: boolean;
};

/** One process group. `exited` resolves with the code once nothing of the group is left. */
export type ContainerProcess = {
  readonly pid: number;
  readonly exited: Promise<number>;
  /** To every member of the group; nothing happens when it has ended. */
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly goOn: () => void;
};

/** Waits for a line on a descriptor of its own, and becomes the program. */
const waiting = ["/bin/sh", "-c", 'read -r _ <&3; exec 3<&-; exec "$@"', "sh"];

/** Starts the command as the leader of a process group of its own. Rejects when it cannot be started at all. */
export async function startProcess(options: ProcessOptions): Promise<ContainerProcess> {
  const { command, isHeld } = options;
  const [file = "", ...args] = isHeld ? [...waiting, ...command] : command;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", ...(isHeld ? (["pipe"] as const) : [])],
  });
  const gate = child.stdio[3];
  // Who was killed while it waited reads no more.
  gate?.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} has no process id`);
  for (const stream of [child.stdout, child.stderr]) {
    // A longer line is dropped: what a program prints must not grow the engine.
    stream?.pipe(split(lineLimit)).on("data", options.onLine);
  }
  return {
    pid,
    signal: (signal) => signalGroup(pid, signal),
    goOn: () => {
      if (gate instanceof Socket) gate.end("go on\n");
    },
    exited: ended.then(async (code) => {
      await killLeftovers(pid, options.root);
      // What escaped may hold these pipes open for ever.
      for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
      return code;
    }),
  };
}

/** `skipOverflow` is an option of split2 4.1 and later that its types do not name. */
const lineLimit = { maxLength: 65_536, skipOverflow: true };

/** In a container the end of the first process is the end of all; here the rest of the group is killed. */
async function killLeftovers(groupId: number, root: string): Promise<void> {
  signalGroup(groupId, "SIGKILL");
  await killStrays(root);
  // The kernel needs a moment to take killed members away.
  for (let waitedMs = 0; waitedMs < 1_000 && (await isGroupAlive(groupId)); waitedMs += 5) await sleep(5);
}

/**
 * Linux only, and best effort: processes that left the group (`setsid`) but name the container's folder in their
 * environment (HOME, TMPDIR and what lies below) or work in it. What leaves all three is not found.
 */
async function killStrays(root: string): Promise<void> {
  // A stray may fork while it is looked for, hence passes until one finds nothing.
  for (let pass = 0; pass < 5; pass += 1) {
    const pids = await listProcesses();
    const strays = await Promise.all(pids.map(async (pid) => ((await belongsTo(pid, root)) ? [pid] : [])));
    if (strays.flat().length === 0) return;
    for (const pid of strays.flat()) signalProcess(pid, "SIGKILL");
  }
}

/** Empty where there is no /proc. */
async function listProcesses(): Promise<readonly number[]> {
  const entries = await readdir("/proc").catch((): string[] => []);
  return entries.filter((name) => /^\d+$/u.test(name)).map(Number);
}

async function belongsTo(pid: number, root: string): Promise<boolean> {
  // A process that ended meanwhile, or is another user's, has nothing to read.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  if (environment.includes(`=${root}/`)) return true;
  return (await readlink(`/proc/${pid}/cwd`).catch(() => "")).startsWith(`${root}/`);
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  signalProcess(-groupId, signal);
}

function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // ESRCH: it has ended, which is all that a signal could ask for.
    return false;
  }
}

/** A zombie that nobody collects belongs to the group for ever and is no life; only /proc can tell. */
async function isGroupAlive(groupId: number): Promise<boolean> {
  if (!signalProcess(-groupId, 0)) return false;
  const pids = await listProcesses();
  const living = await Promise.all(pids.map((pid) => livesInGroup(pid, groupId)));
  return pids.length === 0 || living.includes(true);
}

async function livesInGroup(pid: number, groupId: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  // `pid (name) state ppid pgrp …`, and the name may hold anything.
  const [, state, , group] = stat.slice(stat.lastIndexOf(")")).split(" ");
  return Number(group) === groupId && state !== "Z" && state !== "X";
}
