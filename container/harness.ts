import { BEAT_HOST, BEAT_PATH } from "../shared/beat.ts";
import { startBeats } from "./beats.ts";
import type { Fetch } from "./beats/post.ts";
import type { Config } from "./config.ts";
import type { Handler } from "./front-door.ts";
import type { Flow } from "./job-context.ts";
import { createLog } from "./log.ts";
import type { Clock, LogLevel, Random } from "./ports.ts";
import type { AgentUser } from "./process/agent-user.ts";
import { createRegistry } from "./registry.ts";
import { type FolderOwner, sweepPredecessors } from "./registry/predecessors.ts";
import { createSecrets } from "./secrets.ts";
import { createHandler } from "./server.ts";
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
  /** Answers every request but a probe, which the front door answers. */
  readonly handle: Handler;
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
  return {
    boot,
    shutdown,
    handle: createHandler({ registry, gate, log, boot, instance, allowedHosts, redact }),
    isKeeping: registry.isKeeping,
  };
}
