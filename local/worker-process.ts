/** The Worker in workerd, as `wrangler dev` runs it: the same entry, the same configuration, its state on disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { findFreePort } from "./free-port.ts";
import { type Guard, startGuard } from "./guard.ts";
import { killGroup, signalGroup } from "./process-group.ts";

export type WorkerProcessOptions = {
  readonly root: string;
  /** The Worker's storage. */
  readonly workerDir: string;
  /** For files of this start: wrangler's temporary ones, and the secrets. */
  readonly temporaryDir: string;
  /** Where wrangler keeps what it would keep in the user's configuration folder. */
  readonly configDir: string;
  /** The port to try first. */
  readonly firstPort: number;
  /** Secrets and variables of the Worker; written to a file only its owner can read. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment that leads wrangler to the engine. */
  readonly env: Readonly<Record<string, string>>;
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
  const envFile = join(temporaryDir, "worker.env");
  const lines = Object.entries(options.variables).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(envFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  answerUpdateCheck(temporaryDir);
  const child = spawn(process.execPath, [join(root, "node_modules/wrangler/bin/wrangler.js"), ...args()], {
    cwd: root,
    // A group of its own: the terminal's Ctrl-C reaches us alone, and we end it in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(options),
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

  function args(): readonly string[] {
    return [
      "dev",
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--inspector-port=0",
      `--persist-to=${options.workerDir}`,
      `--env-file=${envFile}`,
      "--show-interactive-dev-session=false",
      "--log-level=log",
    ];
  }
}

/**
 * The machine's environment without what would turn wrangler elsewhere (another account, another environment of the
 * configuration, a proxy), and with what keeps it on this machine: no metrics, no error reports, no update check, no
 * sample of Cloudflare's request data.
 */
function environment({ env, temporaryDir, configDir }: WorkerProcessOptions): NodeJS.ProcessEnv {
  const foreign = /^(?:WRANGLER_|CLOUDFLARE_|CF_|MINIFLARE_|DOCKER_)|^(?:https?|all)_proxy$/i;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    ...env,
    TMPDIR: temporaryDir,
    XDG_CONFIG_HOME: configDir,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NO_COLOR: "1",
    CI: "1",
  };
}

/**
 * On an error wrangler asks npm's registry for a newer version of itself, unless its own record of an earlier answer is
 * fresh; no setting turns that off (4.156.2). So it finds a record that stays fresh and says that there is none.
 */
function answerUpdateCheck(temporaryDir: string): void {
  const dir = join(temporaryDir, "update-check");
  mkdirSync(dir, { recursive: true });
  const record = { latest: null, lastUpdate: Number.MAX_SAFE_INTEGER };
  writeFileSync(join(dir, "wrangler-latest.json"), JSON.stringify(record));
}

/** From the error on, without advice that is not for the people who read it here. */
function toComplaint(output: string): string {
  const from = Math.max(0, output.indexOf("✘ [ERROR]"));
  const advice = /^If you think this is a bug.*$|^🪵.*$/gmu;
  return output.slice(from).replace(advice, "").trim();
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
