import type { FailureCause, JobResult, Terminal } from "../../../shared/job-result.ts";
import type { Status } from "../../../shared/job-view.ts";
import type { Outcome, OutcomeCode } from "../../../shared/outcomes.ts";
import { Limits } from "../../../shared/limits.ts";
import { failureCauseOf } from "../../../shared/watchdogs.ts";
import { meaningOfEnd } from "../../../shared/told-outcome.ts";
import type { Attempt, Exit, Job, Stop } from "../state.ts";
import { activeJob, isLive } from "../state.ts";
import { beginWaiting } from "./instance.ts";
import { noteUnsent } from "./unsent.ts";
import { cut, emit, patchInstance, patchJob, seconds, type Turn } from "./turn.ts";

/** Of an error or a detail as it is stored. */
const TEXT_CHARS = 16_384;

export type Ending = {
  readonly status: Extract<Status, "done" | "failed" | "cancelled" | "evicted">;
  readonly code: OutcomeCode;
  readonly error?: string;
  readonly failureCause?: FailureCause;
  readonly detail?: string;
  readonly evicted?: "crash" | "transient";
  readonly harnessShutdown?: boolean;
  readonly exit?: Exit;
  readonly evidence?: Outcome["evidence"];
  readonly result?: JobResult;
};

/** Ends the job's round. The first end stands: ending an ended job is a defect and throws. */
export function finish(turn: Turn, job: Job, ending: Ending): void {
  if (!isLive(job)) throw new Error(`job ${job.jobId} has ended already`);
  const { now } = turn;
  const { current } = job;
  const outcome: Outcome = {
    code: ending.code,
    ...meaningOfEnd(ending.code, ending.error, ending.detail),
    evidence: (ending.evidence ?? job.stop?.evidence ?? []).slice(-Limits.evidencePerJob),
  };
  const wasFirst = activeJob(turn.state)?.jobId === job.jobId;
  const ended = patchJob(turn, job.jobId, {
    status: ending.status,
    phase: lastPhase(job, ending),
    heartbeatAt: now,
    containerMs:
      job.containerMs + (current === null || current.lostAt !== null ? 0 : now - current.startedAt),
    delivered: false,
    current: withoutEnd(current),
    end: {
      at: now,
      outcome,
      error: ending.error === undefined ? null : cut(ending.error, TEXT_CHARS),
      failureCause: ending.failureCause ?? null,
      detail: ending.detail === undefined ? null : cut(ending.detail, TEXT_CHARS),
      evicted: ending.evicted ?? null,
      harnessShutdown: ending.harnessShutdown ?? false,
      exit: ending.exit ?? null,
    },
  });
  if (wasFirst) beginWaiting(turn);
  if (ending.result !== undefined) keepResult(turn, job, ending.result);
  emit(
    turn,
    "terminal",
    { status: ending.status, outcome, ...(ending.error === undefined ? {} : { error: ending.error }) },
    { job: ended },
  );
}

/** What was told of the end is stored as the end. */
function withoutEnd(current: Attempt | null): Attempt | null {
  if (current?.endTold === undefined) return current;
  const { endTold: _stored, ...kept } = current;
  return kept;
}

/** Stores what was achieved; a result past the limit is replaced by its size, which is an error people can act on. */
export function keepResult(turn: Turn, job: Job, result: JobResult): void {
  const bytes = new TextEncoder().encode(JSON.stringify(result)).byteLength;
  const kept: JobResult =
    bytes <= Limits.resultBytes
      ? result
      : { error: `result-too-large: ${bytes} bytes, at most ${Limits.resultBytes} are kept` };
  turn.results.push({ jobId: job.jobId, round: job.round, result: kept });
}

/** A released job of the job protocol goes on reading as stopping until its grace is over. */
function lastPhase(job: Job, ending: Ending): string {
  if (ending.code === "released" && job.door === "job") return "stopping";
  return ending.status === "done" ? "done" : "failed";
}

/** The end the harness told of, while nobody had asked for one. */
export function finishAsTold(turn: Turn, job: Job, terminal: Terminal): void {
  if (terminal.state === "done") {
    const code = terminal.result.error === undefined ? "done" : "result-error";
    finish(turn, job, { status: "done", code, result: terminal.result });
    if (code === "done" && terminal.result.preview !== undefined) keepForPreview(turn, job);
    return;
  }
  const isLater = job.recoveries.some(({ attempt }) => attempt < job.attempt);
  if (isLater && isCredentialRefused(terminal)) {
    finishForFreshCredentials(turn, job, terminal);
    return;
  }
  finish(turn, job, {
    status: "failed",
    code: codeOf(terminal.failureCause),
    error: terminal.error,
    ...(terminal.failureCause === undefined ? {} : { failureCause: terminal.failureCause }),
    ...(terminal.detail === undefined ? {} : { detail: terminal.detail }),
    ...(terminal.result === undefined ? {} : { result: terminal.result }),
  });
}

/** Words in which git and hosts refuse a credential. */
const REFUSED_CREDENTIAL =
  /authentication failed|invalid (?:username|credentials)|could not read (?:username|password)|bad credentials|HTTP (?:basic: access denied|40[13])|returned error: 40[13]/i;

type Failed = Extract<Terminal, { state: "failed" }>;

function isCredentialRefused({ failureCause, error }: Failed): boolean {
  return (failureCause === "git" || failureCause === "api") && REFUSED_CREDENTIAL.test(error);
}

/** A healed job may outlive its credentials: whoever dispatched it has fresh ones, and its pushed work is resumed. */
function finishForFreshCredentials(turn: Turn, job: Job, { error, result }: Failed): void {
  finish(turn, job, {
    status: "evicted",
    code: "credentials-expired",
    evicted: "transient",
    error: `a later attempt was refused for its credential: ${error} ${EVICTION_TEXTS.transient}`,
    ...(result === undefined ? {} : { result }),
  });
}

/** People look at a preview after its job; no beat keeps it alive, so its time is the container's. */
function keepForPreview(turn: Turn, { policy }: Job): void {
  const { now } = turn;
  const { instance } = turn.state;
  if (instance === null) return;
  patchInstance(turn, { previewUntil: Math.max(instance.previewUntil ?? 0, now + policy.previewMs) });
}

/** The end of a job that was asked to stop, once its container is dead or the harness told of its end. */
export function finishStopped(turn: Turn, stopped: Job, stop: Stop, exit: Exit | null): void {
  const job = noteUnsent(turn, stopped);
  const seen = exit === null ? {} : { exit };
  switch (stop.kind) {
    case "cancel":
      finish(turn, job, {
        status: "cancelled",
        code: "cancelled",
        error: `cancelled: ${stop.text}`,
        ...seen,
      });
      return;
    case "release":
      finish(turn, job, { status: "cancelled", code: "released", error: `released: ${stop.text}`, ...seen });
      return;
    case "deadline":
      finishPastDeadline(turn, job, stop, seen);
  }
}

function finishPastDeadline(turn: Turn, job: Job, stop: Stop, seen: Partial<Ending>): void {
  const failureCause = failureCauseOf(stop.cause);
  const detail = stop.late?.detail ?? `Stopped by the ${stop.cause} deadline in phase ${job.phase}.`;
  finish(turn, job, {
    status: "failed",
    code: stop.cause.startsWith("step-") ? "step-timeout" : codeOf(failureCause),
    error: stop.text,
    ...(failureCause === undefined ? {} : { failureCause }),
    detail,
    ...seen,
  });
}

function codeOf(cause: FailureCause | undefined): OutcomeCode {
  switch (cause) {
    case "git":
      return "git-failed";
    case "api":
      return "api-failed";
    case "branch-contended":
    case "inactivity-timeout":
    case "max-duration":
    case "no-tool-progress":
      return cause;
    case "agent":
    case "no-changes":
    case "no-usable-output":
    case undefined:
      return "agent-failed";
  }
}

/** A job whose container ended without having been asked to, and that gets no further attempt. */
export function finishEvicted(
  turn: Turn,
  job: Job,
  exit: Exit,
  { evicted, evidence }: { readonly evicted: "crash" | "transient"; readonly evidence: Outcome["evidence"] },
): void {
  const what = describeExit(exit);
  const { recoveries } = job;
  const healed = recoveries.length === 0 ? "" : ` ${recoveries.length} attempts were lost before it.`;
  finish(turn, job, {
    status: "evicted",
    code: evicted === "crash" ? "evicted-crash" : "evicted-transient",
    evicted,
    error: `${what} ${EVICTION_TEXTS[evicted]}`,
    detail: `Ended in phase ${job.phase}, ${seconds(turn.now - job.acceptedAt)} after the dispatch.${healed}`,
    exit,
    evidence,
  });
}

/** Clients of the job protocol tell the two apart by these words. */
const EVICTION_TEXTS = {
  crash: "(container evicted or crashed)",
  transient: "(container evicted or crashed): transient infrastructure eviction",
} as const;

export function describeExit(exit: Exit): string {
  switch (exit.cause) {
    case "exited":
      return `The container exited with code ${exit.code ?? "unknown"}`;
    case "oom":
      return "The container was killed with code 137, most often for lack of memory";
    case "platform-stop":
      return `The platform stopped the container (exit code ${exit.code ?? "unknown"})`;
    case "rollout":
      return "The platform replaced the container";
    case "vanished":
      return "The container is gone and nobody saw its exit code";
    case "silence":
      return "The container stopped answering";
    case "start-failed":
    case "no-capacity":
    case "rate-limited":
    case "self-stopped":
      return "The container ended";
  }
}
