import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A place for starts of their own: state, temporary files and home beside each other, and nobody else's. */
export type Place = AsyncDisposable & {
  readonly stateDir: string;
  readonly tmpDir: string;
  readonly start: (args?: readonly string[], env?: Readonly<Record<string, string>>) => Start;
  /** Everything that a start should have put away: processes that name this place, sockets, temporary files. */
  readonly remains: () => Promise<readonly string[]>;
};

/** `npm start` as a process group of its own, as a terminal has it. */
export type Start = {
  readonly pid: number;
  readonly lines: readonly string[];
  /** The first line that fits, of the past ones too; rejects where the output ends without one. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** To the whole group, as a terminal sends it. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Stops reading, as `| head` does. */
  readonly closeOutput: () => void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

const root = fileURLToPath(new URL("../../..", import.meta.url));

export async function makePlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), "holt-start-"));
  const [stateDir, tmpDir, home] = [join(dir, "state"), join(dir, "tmp"), join(dir, "home")];
  for (const folder of [tmpDir, home]) await mkdir(folder);
  const starts: Start[] = [];
  return {
    stateDir,
    tmpDir,
    start: (args = [], env = {}) => {
      const started = startIn({ dir, home, tmpDir, args: [`--state-dir=${stateDir}`, ...args], env });
      starts.push(started);
      return started;
    },
    remains: async () => [...(await findProcesses(dir)), ...(await findFiles(dir))],
    [Symbol.asyncDispose]: async () => {
      // What a failed test left running.
      for (const { signal } of starts) signal("SIGKILL");
      await Promise.all(starts.map(({ ended }) => ended));
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type StartOptions = {
  readonly dir: string;
  readonly home: string;
  readonly tmpDir: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

function startIn({ home, tmpDir, args, env }: StartOptions): Start {
  const child = spawn(process.execPath, ["scripts/run.mjs", "local/start.ts", ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
      HOME: home,
      TMPDIR: tmpDir,
      ...env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the start has no process id");
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const look of waiting) look();
  };
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      tell();
    });
  }
  const ended = waitForEnd(child).finally(() => {
    isOver = true;
    tell();
  });
  return {
    pid,
    lines,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined && !isOver) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`no line ${String(pattern)} in:\n${lines.join("\n")}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    signal: (signal) => {
      try {
        process.kill(-pid, signal);
      } catch {
        // ESRCH: all of it has ended.
      }
    },
    closeOutput: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

async function waitForEnd(child: ChildProcess): Promise<Awaited<Start["ended"]>> {
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode };
}

/** Living processes that have the folder among their arguments or in their environment. Linux only. */
async function findProcesses(dir: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const read = (pid: string, file: string): Promise<string> =>
    readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
  const found = await Promise.all(
    pids.map(async (pid) => {
      const told = (await read(pid, "cmdline")) + (await read(pid, "environ"));
      return told.includes(dir)
        ? [`process ${pid}: ${(await read(pid, "cmdline")).replaceAll("\0", " ")}`]
        : [];
    }),
  );
  return found.flat();
}

/** What is neither a folder nor the state that a start keeps. */
async function findFiles(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(dir.length + 1) }))
    .filter(({ entry, path }) => !keptByDesign.test(path) && !(entry.isDirectory() && isExpected(path)))
    .map(({ path }) => path);
}

const keptByDesign =
  /^state\/(?:secrets\.json$|metrics\.jsonl$|lock$|worker(?:\/|$)|repositories(?:\/|$)|config(?:\/|$))/u;

function isExpected(path: string): boolean {
  return ["state", "state/tmp", "tmp", "home"].includes(path);
}
