import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createApi } from "./api.ts";
import type { EngineContainer } from "./container.ts";
import { Containers } from "./containers.ts";
import { EGRESS_IMAGE } from "./describe.ts";
import { writeDockerCommand } from "./docker-command.ts";
import { makeFaults, type Faults } from "./faults.ts";
import { closeServer } from "./listen.ts";
import { startReaper } from "./reaper.ts";

export type { EngineContainer, ContainerState } from "./container.ts";
export type { Faults } from "./faults.ts";

export type EngineOptions = {
  /** Folder for socket, records and the containers' own folders; removed at close() when the engine made it. */
  readonly stateDir: string;
  readonly log: (line: string) => void;
  /** Extra environment for every process; wins over the Dockerfile's ENV, loses to the start options' env. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the processes print, line by line; dropped when absent. */
  readonly output?: (containerName: string, line: string) => void;
};

export type Engine = {
  readonly socketPath: string;
  /** Environment for the process that runs wrangler or createTestHarness. */
  readonly env: Readonly<Record<string, string>>;
  /** Every container ever created, sidecars excluded, in order. */
  readonly containers: () => readonly EngineContainer[];
  /** Called after each change; returns how to stop listening. */
  readonly onChange: (listener: () => void) => () => void;
  /** Resolves when the predicate is true; looks again at each change. Rejects after `timeoutMs` (default 10 s). */
  readonly waitFor: (
    predicate: (containers: readonly EngineContainer[]) => boolean,
    timeoutMs?: number,
  ) => Promise<void>;
  readonly faults: Faults;
  /** Kills every process group, removes folders and socket. Repeating it is harmless. */
  readonly close: () => Promise<void>;
};

/** Starts the stand-in for a Docker Engine: "containers" are processes of this machine. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { log } = options;
  const stateDir = resolve(options.stateDir);
  const madeDir = await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(stateDir, "engine-"));
  const dockerCommand = join(dir, "docker");
  await writeDockerCommand(dockerCommand, dir);
  const socket = await chooseSocket(dir);
  const reaper = startReaper(dir, socket.extraDirs);

  const containers = new Containers({
    dir,
    env: options.env ?? {},
    makeId: () => randomUUID().replaceAll("-", ""),
    log,
    output: options.output ?? (() => undefined),
  });
  const { faults, orders } = makeFaults(containers);
  const server = createApi({ containers, orders, log });
  server.listen(socket.path);
  await once(server, "listening");
  log(`process engine on ${socket.path}: containers run as processes of this machine, without isolation`);

  const shutDown = async (): Promise<void> => {
    await containers.close();
    await closeServer(server);
    await reaper.finish();
    if (madeDir !== undefined) await rm(stateDir, { recursive: true, force: true });
  };
  let closing: Promise<void> | undefined;
  return {
    socketPath: socket.path,
    env: {
      WRANGLER_DOCKER_BIN: dockerCommand,
      WRANGLER_DOCKER_HOST: `unix://${socket.path}`,
      DOCKER_HOST: `unix://${socket.path}`,
      MINIFLARE_CONTAINER_EGRESS_IMAGE: EGRESS_IMAGE,
    },
    containers: () => containers.list(),
    onChange: (listener) => containers.onChange(listener),
    waitFor: (predicate, timeoutMs = 10_000) => waitFor(containers, predicate, timeoutMs),
    faults,
    close: () => (closing ??= shutDown()),
  };
}

/** A unix socket's path holds 107 bytes; where the state folder is deeper, the socket gets a folder of its own. */
async function chooseSocket(
  dir: string,
): Promise<{ readonly path: string; readonly extraDirs: readonly string[] }> {
  const path = join(dir, "engine.sock");
  if (Buffer.byteLength(path) <= 100) return { path, extraDirs: [] };
  const extra = await mkdtemp(join(tmpdir(), "holt-engine-"));
  return { path: join(extra, "engine.sock"), extraDirs: [extra] };
}

async function waitFor(
  containers: Containers,
  predicate: (containers: readonly EngineContainer[]) => boolean,
  timeoutMs: number,
): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    if (predicate(containers.list())) done();
  };
  const stop = containers.onChange(look);
  const timer = setTimeout(() => {
    const seen = containers.list().map(({ name, state, exitCode }) => `${name} ${state} ${exitCode ?? "-"}`);
    reject(new Error(`not seen within ${timeoutMs} ms; containers: ${seen.join(", ") || "none"}`));
  }, timeoutMs);
  look();
  try {
    await promise;
  } finally {
    stop();
    clearTimeout(timer);
  }
}
