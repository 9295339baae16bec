/** The Worker in workerd, as `wrangler dev` runs it: the same entry, the same configuration, its state on disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { findFreePort } from "./free-port.ts";
import { type Guard, startGuard } from "./guard.ts";
import { killGroup, signalGroup } from "./process-group.ts";
import { prepareWrangler, toComplaint, type WranglerOptions } from "./wrangler.ts";

export type WorkerProcessOptions = WranglerOptions & {
  /** The port to try first. */
  readonly firstPort: number;
  readonly log: (line: string) => void;
  /** Ends a start under way. */
  readonly signal: AbortSignal;
};

export type WorkerProcess = {
  readonly url: string;
  /** Resolves, when the process ends by itself, with the last it said. */
  readonly ended: Promise<string>;
  readonly close: () => Promise<void>;
};

/** Resolves when the Worker answers; rejects with what wrangler said when it does not, leaving nothing behind. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  for (let port = options.firstPort; ; port += 1) {
    port = await findFreePort(port);
    const started = await startOn(port, options);
    if (started !== "port-taken") return started;
  }
}

const READY_WITHIN_MS = 90_000;
const STOP_GRACE_MS = 8_000;
const TAIL_LINES = 60;

async function startOn(port: number, options: WorkerProcessOptions): Promise<WorkerProcess | "port-taken"> {
  const { root, temporaryDir, log, signal } = options;
  const { file, args, env } = prepareWrangler(port, options);
  const child = spawn(file, args, {
    cwd: root,
    env,
    // A group of its own: the terminal's Ctrl-C reaches us alone, and we end it in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error("wrangler has no process id");
  const guard = startGuard(pid, temporaryDir);
  const output = followOutput(child, log);
  // Its last words come after its exit.
  const ended = once(child, "close").then(() => output.tail());
  const close = (): Promise<void> => stop({ child, pid, ended, guard });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  const nothing = Promise.race([ended, aborted(limit)]).then(() => null);
  const url = await Promise.race([output.ready, nothing]);
  if (url !== null) return { url, ended, close };
  await close();
  signal.throwIfAborted();
  if (output.tail().includes("Address already in use")) return "port-taken";
  const why = limit.aborted
    ? "the Worker was not ready in time"
    : "wrangler ended before the Worker was ready";
  throw new Error(`${why}:\n${toComplaint(output.tail())}`);
}

function followOutput(
  child: ChildProcess,
  log: (line: string) => void,
): { readonly ready: Promise<string>; readonly tail: () => string } {
  const lines: string[] = [];
  const { promise: ready, resolve } = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (dressed) => {
      const line = stripVTControlCharacters(dressed);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      log(line);
      const url = /\bReady on (http:\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  }
  return { ready, tail: () => lines.join("\n").trim() };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

type Running = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly guard: Guard;
};

/** SIGINT, and after a grace SIGKILL for all; resolves when nothing of its group is left. */
async function stop({ child, pid, ended, guard }: Running): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, "exit");
    signalGroup(pid, "SIGINT");
    const grace = setTimeout(() => signalGroup(pid, "SIGKILL"), STOP_GRACE_MS);
    await exited;
    clearTimeout(grace);
  }
  await killGroup(pid);
  await ended;
  await guard.dismiss();
}
