import type { Terminal } from "../shared/job-result.ts";
import type { Clock, Log } from "./ports.ts";
import type { Registry } from "./registry.ts";
import type { Entry } from "./registry/entry.ts";

/** What an exit code of the harness says. It is never 0 once a job has come. */
export const ExitCodes = {
  /** No job came within its time. */
  idle: 0,
  /** The environment cannot be meant as it is. */
  config: 2,
  /** A defect of ours. */
  defect: 70,
  /** Another attempt owns the job. */
  fenced: 75,
  /** SIGINT. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

export type ShutdownOptions = {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly exit: (code: number) => void;
};

export type Shutdown = {
  /**
   * A signal to end. After a stop was delivered nothing is pushed any more and the agent is killed; on one nobody
   * announced the work is brought to safety first, and the goodbye says so. A second signal ends the waiting.
   */
  readonly onSignal: (signal: "SIGTERM" | "SIGINT") => Promise<void>;
  /** An error nobody caught: the state of this process is unknown, so its jobs end here. */
  readonly onDefect: (defect: unknown) => Promise<void>;
  /** Another attempt owns the job, and the work on this one has ended. */
  readonly onFenced: () => Promise<void>;
  /** Ends a harness that has had no job so far. */
  readonly exitUnlessUsed: () => void;
};

/** Time for a goodbye to reach the object. */
const GOODBYE_MS = 5_000;
/** After a stop the object destroys the container 5 s after its SIGTERM. */
const KILLED_GOODBYE_MS = 1_000;
const DEFECT_BEAT_MS = 3_000;
/** What outlives its job is killed, not asked. */
const RELEASE_MS = 5_000;
/** Killing a group takes its grace, and the job's folder has to go. */
const SLACK_MS = 2_000;

export function createShutdown(options: ShutdownOptions): Shutdown {
  const { registry, clock, log, exit } = options;
  let isEnding = false;
  let signals = 0;

  const end = (code: number): void => {
    if (isEnding) return;
    isEnding = true;
    log.write("info", "process.exiting", { code });
    exit(code);
  };

  return {
    onSignal: async (signal) => {
      signals += 1;
      const held = registry.held();
      log.write("info", "signal.received", { signal, jobs: held.length });
      const isRepeated = signals > 1;
      await Promise.all(held.map((entry) => letGo(entry, { clock, isRepeated })));
      await within(clock, RELEASE_MS, registry.releaseAll());
      end(signal === "SIGINT" ? ExitCodes.interrupted : ExitCodes.terminated);
    },
    onDefect: async (defect) => {
      log.write("error", "process.defect", { error: defect });
      const text = `the harness failed: ${defect instanceof Error ? defect.message : String(defect)}`;
      await within(clock, DEFECT_BEAT_MS, Promise.all(registry.held().map((entry) => entry.crash(text))));
      await within(clock, RELEASE_MS, registry.releaseAll());
      end(ExitCodes.defect);
    },
    onFenced: async () => {
      await within(clock, RELEASE_MS, registry.releaseAll());
      end(ExitCodes.fenced);
    },
    exitUnlessUsed: () => {
      if (!registry.wasUsed()) end(ExitCodes.idle);
    },
  };
}

async function letGo(
  entry: Entry,
  { clock, isRepeated }: { readonly clock: Clock; readonly isRepeated: boolean },
): Promise<void> {
  const { running, beats, limits } = entry;
  const { killGraceMs, pushMs } = limits.flow;
  const wasStopped = running.stopReason() !== null;
  if (wasStopped || isRepeated) {
    running.stop({ kind: "killed" });
    await within(clock, killGraceMs + SLACK_MS, running.ended);
    await beats?.flush(KILLED_GOODBYE_MS);
    return;
  }
  running.stop({ kind: "drain" });
  await within(clock, pushMs + killGraceMs + SLACK_MS, running.ended);
  const terminal = entry.terminal();
  // A job that had ended by itself was not interrupted, and only its end is still on its way.
  const isInterrupted = running.stopReason()?.kind === "drain" && terminal?.state !== "done";
  if (isInterrupted) entry.telemetry.report.note("drained", goodbye(terminal));
  await beats?.flush(GOODBYE_MS);
}

/** What is known of the work when an unannounced SIGTERM interrupts it, and no more. */
function goodbye(terminal: Terminal | null): string {
  if (terminal === null) return "SIGTERM came unannounced; the work had not ended when the time was up";
  const { pushed, branch } = terminal.result ?? {};
  const saved = pushed === true ? `pushed${branch === undefined ? "" : ` to ${branch}`}` : "not pushed";
  return `SIGTERM came unannounced; the agent was stopped, its work is ${saved}`;
}

/** Waits for a promise, but no longer than that. */
async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, clock.sleep(ms, over.signal).catch(() => undefined)]);
  over.abort();
}
