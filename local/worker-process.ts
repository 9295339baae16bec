/** The Worker in workerd, as `wrangler dev` runs it: the same entry, the same configuration, its state on disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type WorkerProcessOptions = {
  readonly root: string;
  readonly stateDir: string;
  readonly port: number;
  /** Secrets and variables of the Worker; written to a file only its owner can read. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment that leads wrangler to the engine. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
};

export type WorkerProcess = {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process ends by itself. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
};

const READY_WITHIN_MS = 90_000;
const STOP_GRACE_MS = 8_000;

/** Resolves when the Worker answers; rejects with what wrangler said when it does not. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const envFile = join(options.stateDir, "worker.env");
  const lines = Object.entries(options.variables).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const child = spawn(
    "wrangler",
    [
      "dev",
      "--ip=127.0.0.1",
      `--port=${options.port}`,
      "--inspector-port=0",
      `--persist-to=${join(options.stateDir, "worker")}`,
      `--env-file=${envFile}`,
      "--show-interactive-dev-session=false",
      "--log-level=log",
    ],
    {
      cwd: options.root,
      // A group of its own: the terminal's Ctrl-C reaches us alone, and we end it in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env, ...quiet },
    },
  );
  const tail = followOutput(child, options.log);
  const ended = once(child, "exit").then(() => undefined);
  const close = (): Promise<void> => stop(child, ended);
  try {
    await whenReady(tail.ready, ended, tail.lines);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `http://127.0.0.1:${options.port}`, pid: child.pid ?? 0, ended, close };
}

/** The port asked for, or the next free one. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${from} and ${from + 100}`);
}

/** Nothing leaves the machine: no metrics, no update check, no sample of Cloudflare's request data. */
const quiet = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
  CI: "1",
};

function followOutput(
  child: ChildProcess,
  log: (line: string) => void,
): { readonly ready: Promise<void>; readonly lines: readonly string[] } {
  const lines: string[] = [];
  let tellReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > 60) lines.shift();
      log(line);
      if (line.includes("Ready on ")) tellReady();
    });
  }
  return { ready, lines };
}

async function whenReady(
  ready: Promise<void>,
  ended: Promise<void>,
  lines: readonly string[],
): Promise<void> {
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  const late = once(limit, "abort").then(() => "late" as const);
  const first = await Promise.race([
    ready.then(() => "ready" as const),
    ended.then(() => "ended" as const),
    late,
  ]);
  if (first === "ready") return;
  const why =
    first === "ended" ? "wrangler ended before the Worker was ready" : "the Worker was not ready in time";
  throw new Error(`${why}:\n${lines.join("\n")}`);
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  kill(child.pid, "SIGINT");
  const late = once(AbortSignal.timeout(STOP_GRACE_MS), "abort").then(() => "late" as const);
  const first = await Promise.race([ended.then(() => "ended" as const), late]);
  if (first === "late") kill(child.pid, "SIGKILL");
  await ended;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
