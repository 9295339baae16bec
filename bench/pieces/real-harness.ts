/** A harness, or any other server, as a process of its own: started as the image starts it, watched from outside. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readDockerfile } from "../../local/engine/dockerfile.ts";

const root = join(import.meta.dirname, "../..");
export const harnessProgram = join(root, "container/main.ts");
/** What it is measured against. */
export const emptyServer = join(import.meta.dirname, "empty-server.mjs");
/** What the image says of memory and of compiled code; its folder is this one. */
const imageEnv = Object.fromEntries(
  Object.entries(readDockerfile(readFileSync(join(root, "container/Dockerfile"), "utf8")).env)
    .filter(([name]) => name.startsWith("MALLOC_") || name.startsWith("NODE_"))
    .map(([name, value]) => [name, value.replace(/^\/app\//, `${root}/`)]),
);

export type ServerProcess = {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process until it had answered one request. */
  readonly startMs: number;
  /** Lines it has printed so far, of both streams. */
  readonly lines: readonly string[];
  readonly waitForLine: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly memory: () => Promise<{ readonly residentBytes: number; readonly peakBytes: number }>;
  /** From here on the peak is counted anew. */
  readonly forgetPeak: () => Promise<void>;
  readonly isAlive: () => boolean;
  readonly end: () => Promise<void>;
};

export type StartProcess = {
  /** Node's arguments. */
  readonly args: readonly string[];
  /** A program that becomes Node, with arguments of its own; absent: Node is started by itself. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts a server that prints `listening on :PORT`, and asks it for `/health`. */
export async function startProcess({ args, wrapper = [], env = {} }: StartProcess): Promise<ServerProcess> {
  const startedAt = performance.now();
  const [program = "", ...rest] = [...wrapper, process.execPath, ...args];
  const child = spawn(program, rest, {
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      HARNESS_HOST: "127.0.0.1",
      ...imageEnv,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = readOutput(child);
  const [, port] = await output.waitForLine(/listening on :(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  await (await fetch(`${url}/health`)).text();
  const startMs = performance.now() - startedAt;
  const pid = child.pid ?? 0;
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    url,
    startMs,
    ...output,
    memory: () => readMemory(pid),
    forgetPeak: () => writeFile(`/proc/${pid}/clear_refs`, "5"),
    isAlive,
    end: async () => {
      if (!isAlive()) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function readOutput(child: ChildProcess): Pick<ServerProcess, "lines" | "waitForLine"> {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      for (const look of watchers) look();
    });
  }
  const waitForLine = (pattern: RegExp): Promise<RegExpExecArray> => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const found = lines.map((line) => pattern.exec(line)).findLast((match) => match !== null);
      if (found === undefined) return;
      watchers.delete(look);
      resolve(found);
    };
    child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${lines.slice(-5).join("\n")}`)));
    watchers.add(look);
    look();
    return promise;
  };
  return { lines, waitForLine };
}

async function readMemory(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { residentBytes: read("VmRSS"), peakBytes: read("VmHWM") };
}
