import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BEAT_HOST, BEAT_PATH } from "../shared/beat.ts";
import { startBeats } from "./beats.ts";
import type { Fetch } from "./beats/post.ts";
import type { Config } from "./config.ts";
import type { Flow } from "./job-context.ts";
import { createLog } from "./log.ts";
import type { Clock, LogLevel, Random } from "./ports.ts";
import type { AgentUser } from "./process/agent-user.ts";
import { createRegistry } from "./registry.ts";
import { type FolderOwner, sweepPredecessors } from "./registry/predecessors.ts";
import { createSecrets } from "./secrets.ts";
import { createServer } from "./server.ts";
import { createGate } from "./server/gate.ts";
import { type Shutdown, createShutdown } from "./shutdown.ts";

export type HarnessParts = {
  readonly config: Config;
  /** The name of this start; drawn unless given. */
  readonly boot?: string;
  readonly flow: Flow;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: Fetch;
  /** Takes one redacted line of the log. */
  readonly writeLog: (line: string, level: LogLevel) => void;
  /** Below it each job gets a folder of its own. */
  readonly tmpDir: string;
  /** Names this process in the names of those folders. */
  readonly self: FolderOwner;
  /** Whose processes agents are; null: the harness's own user. */
  readonly user: AgentUser | null;
  /** Where beats go; the object's address inside a container unless given. */
  readonly beatUrl?: string;
  readonly exit: (code: number) => void;
};

export type Harness = {
  /** Answers a request that another server took. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Listens, and tells the port. Rejects where it cannot. */
  readonly listen: () => Promise<number>;
  /** Takes no more requests; jobs at work go on. */
  readonly close: () => Promise<void>;
  readonly shutdown: Shutdown;
  /** Whether something outlives its job at this moment. */
  readonly isKeeping: () => boolean;
  readonly boot: string;
};

/** Puts a harness together. Nothing here reads the environment, the clock or the disk by itself. */
export function createHarness(parts: HarnessParts): Harness {
  const { config, flow, clock, random, fetch, writeLog, tmpDir, self, user, exit } = parts;
  const { instance, sharedSecret, limits, allowedHosts } = config;
  const url = parts.beatUrl ?? `http://${BEAT_HOST}${BEAT_PATH}`;
  const boot = parts.boot ?? random.id();
  const secrets = createSecrets();
  if (sharedSecret !== null) secrets.add("shared secret", [sharedSecret]);
  const log = createLog({
    now: clock.now,
    write: writeLog,
    redact: secrets.redact,
    context: { boot, ...(instance !== null && { instance }) },
  });
  // no agent works beside one that an earlier harness of this machine left at work
  const swept = sweepPredecessors({ tmpDir, self, user, clock, log });
  const registry = createRegistry({
    clock,
    log,
    flow: async (job, context) => {
      await swept;
      return flow(job, context);
    },
    secrets,
    tmpDir,
    self,
    random,
    boot,
    instance,
    limits,
    startBeats: (options) => startBeats({ ...options, fetch, clock, url }),
    onFenced: () => void shutdown.onFenced(),
  });
  const shutdown = createShutdown({ registry, clock, log, exit });
  const gate = createGate({
    sharedSecret,
    takesControlKey: instance !== null,
    onControlKey: (key) => secrets.add("control key", [key]),
  });
  const { redact } = secrets;
  const server = createServer({ registry, gate, log, boot, instance, allowedHosts, redact });
  return {
    boot,
    shutdown,
    handle: (request, response) => void server.emit("request", request, response),
    isKeeping: registry.isKeeping,
    listen: async () => {
      const port = await listen(server, config);
      if (instance !== null) void shutdown.exitUnlessUsed(config.firstJobMs);
      return port;
    },
    close: () => close(server),
  };
}

function listen(server: Server, { port, hostname }: Config): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(port, hostname, () => {
    server.off("error", reject);
    resolve(portOf(server.address(), port));
  });
  return promise;
}

function portOf(address: AddressInfo | string | null, asked: number): number {
  return typeof address === "object" && address !== null ? address.port : asked;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
