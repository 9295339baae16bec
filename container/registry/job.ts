import type { Directive } from "../../shared/beat.ts";
import type { Terminal } from "../../shared/job-result.ts";
import type { AgentJob } from "../../shared/job-body.ts";
import { type WatchdogCause, failureCauseOf, failureDetail } from "../../shared/watchdogs.ts";
import type { Flow, JobContext, StopReason } from "../job-context.ts";
import type { Clock, Log } from "../ports.ts";
import type { Secrets } from "../secrets.ts";
import { redactTerminal } from "./fit.ts";
import { makeJobFolder, removeFolder } from "./folder.ts";
import type { JobLimits } from "./limits.ts";
import type { Telemetry } from "./telemetry.ts";
import { watch } from "./watchdogs.ts";

export type JobDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly flow: Flow;
  readonly secrets: Secrets;
  readonly tmpDir: string;
};

export type JobOptions = {
  readonly job: AgentJob;
  readonly folderName: string;
  readonly limits: JobLimits;
  readonly baseCommit: string | null;
  readonly telemetry: Telemetry;
  /** Work begins when this settles: an earlier attempt's processes must be gone. */
  readonly after: Promise<unknown>;
};

/** One job at work; `ended` resolves once its flow has ended and its folder is gone, and never rejects. */
export type RunningJob = {
  readonly ended: Promise<Terminal>;
  /** The first reason stands; `fenced` and `killed` also forbid every later push. */
  readonly stop: (reason: StopReason) => void;
  readonly stopReason: () => StopReason | null;
  /** Ends what the job left standing when it was done, its folder with it; a job at work is left alone. Idempotent. */
  readonly release: () => Promise<void>;
  readonly isKeeping: () => boolean;
  readonly extend: (directive: Extract<Directive, { kind: "extend" }>) => void;
};

/** Grace that the harness's own watchdogs leave for a last checkpoint. */
const WATCHDOG_GRACE_MS = 10_000;

/** Deadlines that can be moved, and what they end a job for. */
const causeOfDeadline: ReadonlyMap<string, WatchdogCause> = new Map([
  ["inactivity", "inactivity-timeout"],
  ["tool-silence", "no-tool-progress"],
  ["max-duration", "max-duration"],
]);

export function startJob(deps: JobDeps, options: JobOptions): RunningJob {
  return new Job(deps, options);
}

class Job implements RunningJob {
  readonly ended: Promise<Terminal>;
  readonly #deps: JobDeps;
  /** Without the job itself: an ended one can be read for long, and its body may have megabytes. */
  readonly #options: Omit<JobOptions, "job">;
  readonly #stop = new AbortController();
  readonly #noPush = new AbortController();
  readonly #over = new AbortController();
  readonly #gaveUp = Promise.withResolvers<Terminal>();
  readonly #notBefore = new Map<string, number>();
  readonly #kept: Array<() => Promise<void>> = [];
  #folder: string | null = null;
  #released: Promise<void> | null = null;
  #reason: StopReason | null = null;
  /** Where the work stood when it was stopped; what it does afterwards is not why it failed. */
  #stoppedIn: string | null = null;

  constructor(deps: JobDeps, { job, ...options }: JobOptions) {
    this.#deps = deps;
    this.#options = options;
    this.ended = this.#carryOut(job);
  }

  readonly stopReason = (): StopReason | null => this.#reason;

  readonly stop = (reason: StopReason): void => {
    if (this.#over.signal.aborted) return;
    if (reason.kind === "fenced" || reason.kind === "killed") this.#noPush.abort(reason);
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#stoppedIn = this.#detailOf(reason);
    if (reason.kind === "drain") this.#options.telemetry.report.phase("draining");
    this.#deps.log.write("info", "job.stopping", { reason: reason.kind, ...causeOf(reason) });
    this.#stop.abort(reason);
    void this.#guardEnd(reason);
  };

  readonly release = async (): Promise<void> => {
    if (this.#over.signal.aborted) await this.#letGo();
  };

  readonly isKeeping = (): boolean =>
    this.#over.signal.aborted && this.#released === null && this.#kept.length > 0;

  readonly extend = ({ deadline, until }: Extract<Directive, { kind: "extend" }>): void => {
    const { marginMs } = this.#options.limits;
    const cause = causeOfDeadline.get(deadline);
    if (cause === undefined) return;
    this.#notBefore.set(cause, Math.max(this.#notBefore.get(cause) ?? 0, until + marginMs));
  };

  async #carryOut(job: AgentJob): Promise<Terminal> {
    const { log, tmpDir, clock } = this.#deps;
    const { folderName, after, telemetry } = this.#options;
    await after;
    void this.#watch();
    let terminal: Terminal;
    try {
      const folder = await makeJobFolder(tmpDir, folderName);
      this.#folder = folder;
      terminal = await Promise.race([this.#runFlow(job, folder), this.#gaveUp.promise]);
    } catch (error) {
      log.write("error", "job.threw", { error });
      terminal = failedBy(error);
    }
    const told = this.#toTold(terminal);
    // What asks it to stop from here on comes too late: it has ended, however long its folder takes to go.
    this.#over.abort();
    if (told.state === "failed" || this.#kept.length === 0) await this.#letGo();
    const timings = Object.fromEntries(telemetry.timings());
    telemetry.end(told.state);
    const durationMs = clock.now() - telemetry.startedAt;
    log.write("info", "job.ended", { state: told.state, durationMs, timings, ...errorOf(told) });
    return told;
  }

  async #runFlow(job: AgentJob, folder: string): Promise<Terminal> {
    const { flow, secrets } = this.#deps;
    if (this.#stop.signal.aborted) return { state: "failed", error: "stopped before the work began" };
    const { limits, baseCommit, telemetry } = this.#options;
    const context: JobContext = {
      report: telemetry.report,
      stop: this.#stop.signal,
      noPush: this.#noPush.signal,
      folder,
      redact: secrets.redact,
      limits: limits.flow,
      baseCommit,
      keep: (close) => {
        if (this.#released === null) this.#kept.push(close);
        else void close();
      },
    };
    return await flow(job, context);
  }

  #letGo(): Promise<void> {
    this.#released ??= this.#closeKept();
    return this.#released;
  }

  async #closeKept(): Promise<void> {
    const { log } = this.#deps;
    for (const close of this.#kept) {
      await close().catch((error: unknown) => log.write("error", "kept.not-closed", { error }));
    }
    const folder = this.#folder;
    if (folder === null) return;
    await removeFolder(folder).catch((error: unknown) =>
      log.write("error", "folder.kept", { folder, error }),
    );
  }

  async #watch(): Promise<void> {
    const { clock } = this.#deps;
    const { telemetry, limits } = this.#options;
    const verdict = await watch({
      clock,
      telemetry,
      limits,
      notBefore: (cause) => this.#notBefore.get(cause) ?? 0,
      signal: AbortSignal.any([this.#over.signal, this.#stop.signal]),
    });
    if (verdict === null) return;
    const { cause, text, observedMs, limitMs } = verdict;
    this.#deps.log.write("warn", "watchdog.fired", { cause, observedMs, limitMs });
    this.stop({ kind: "stop", cause, graceMs: WATCHDOG_GRACE_MS, text });
  }

  /** A flow that is asked to end and does not: nothing it still holds may leave, and the job does not wait for it. */
  async #guardEnd(reason: StopReason): Promise<void> {
    const { clock, log } = this.#deps;
    const { killGraceMs, pushMs } = this.#options.limits.flow;
    const graceMs = reason.kind === "stop" ? reason.graceMs : reason.kind === "drain" ? pushMs : 0;
    try {
      // Twice the time a kill may take: once for the kill, once as slack.
      await clock.sleep(graceMs + 2 * killGraceMs, this.#over.signal);
      this.#noPush.abort({ kind: "killed" } satisfies StopReason);
      await clock.sleep(2 * killGraceMs, this.#over.signal);
    } catch {
      return; // The flow ended in time.
    }
    log.write("error", "job.gave-up", { reason: reason.kind });
    this.#gaveUp.resolve({ state: "failed", error: "the flow did not end when it was asked to" });
  }

  /**
   * What is told of an end: a stop's own words win over those of what it interrupted; secrets are out. A watchdog that
   * fired has the last word also where the flow took no notice: what the flow brought is kept as evidence.
   */
  #toTold(terminal: Terminal): Terminal {
    const { redact, redactKnown } = this.#deps.secrets;
    const reason = this.#reason;
    const asked = reason?.kind === "stop" ? reason : null;
    const watchdog = asked === null ? undefined : failureCauseOf(asked.cause);
    if (terminal.state === "done" && watchdog === undefined)
      return redactTerminal(terminal, redact, redactKnown);
    const { error, detail, failureCause, ...rest } =
      terminal.state === "done" ? { error: "", result: terminal.result } : terminal;
    const where = this.#stoppedIn ?? this.#detailOf(reason);
    const cause = asked === null ? (failureCause ?? "agent") : watchdog;
    return redactTerminal(
      {
        ...rest,
        state: "failed",
        error: asked?.text ?? error,
        detail: detail === undefined ? where : `${where}\n${detail}`,
        ...(cause !== undefined && { failureCause: cause }),
      },
      redact,
      redactKnown,
    );
  }

  /** Phases and breadcrumb as they are at this moment. A watchdog's own text names the phase already. */
  #detailOf(reason: StopReason | null): string {
    const { telemetry } = this.#options;
    const isWatchdog = reason?.kind === "stop" && failureCauseOf(reason.cause) !== undefined;
    return failureDetail({
      timings: telemetry.timings(),
      failedIn: isWatchdog ? null : telemetry.phase,
      lastTool: telemetry.lastTool(),
    });
  }
}

function failedBy(error: unknown): Terminal {
  const text = error instanceof Error ? error.message : String(error);
  return {
    state: "failed",
    error: text === "" ? "the flow failed without a reason" : text,
    failureCause: "agent",
  };
}

function causeOf(reason: StopReason): { readonly cause?: string } {
  return reason.kind === "stop" ? { cause: reason.cause } : {};
}

function errorOf(terminal: Terminal): Readonly<Record<string, unknown>> {
  return terminal.state === "failed"
    ? { error: terminal.error, failureCause: terminal.failureCause }
    : { error: terminal.result.error };
}
