import type { FailureCause, JobResult, Terminal } from "../../../shared/job-result.ts";
import type { Outcome, OutcomeCode, Status } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import { Outcomes } from "../outcomes.ts";
import type { Exit, Job, Stop } from "../state.ts";
import { isLive } from "../state.ts";
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
  const outcome: Outcome = {
    code: ending.code,
    ...Outcomes[ending.code],
    evidence: (ending.evidence ?? job.stop?.evidence ?? []).slice(-Limits.evidencePerJob),
  };
  const ended = patchJob(turn, job.jobId, {
    status: ending.status,
    phase: lastPhase(job, ending),
    heartbeatAt: now,
    containerMs: job.containerMs + (job.current === null ? 0 : now - job.current.startedAt),
    delivered: false,
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
  if (ending.result !== undefined) {
    keepResult(turn, job, ending.result);
  }
  emit(
    turn,
    "terminal",
    { status: ending.status, outcome, ...(ending.error === undefined ? {} : { error: ending.error }) },
    { job: ended },
  );
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
  finish(turn, job, {
    status: "failed",
    code: codeOf(terminal.failureCause),
    error: terminal.error,
    ...(terminal.failureCause === undefined ? {} : { failureCause: terminal.failureCause }),
    ...(terminal.detail === undefined ? {} : { detail: terminal.detail }),
    ...(terminal.result === undefined ? {} : { result: terminal.result }),
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
export function finishStopped(turn: Turn, job: Job, stop: Stop, exit: Exit | null): void {
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
  const step = stop.cause !== "max-duration";
  const detail = stop.late?.detail ?? `Stopped by the ${stop.cause} deadline in phase ${job.phase}.`;
  finish(turn, job, {
    status: "failed",
    code: step ? "step-timeout" : "max-duration",
    error: stop.text,
    ...causeOfDeadline(stop.cause),
    detail,
    ...seen,
  });
}

/** Only clone and push are git's; the other steps have no cause that clients know. */
function causeOfDeadline(cause: string): { readonly failureCause?: FailureCause } {
  if (cause === "max-duration") return { failureCause: "max-duration" };
  return cause === "step-clone" || cause === "step-push" ? { failureCause: "git" } : {};
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

/** The verdict on a job whose container ended without having been asked to. */
export function finishEvicted(turn: Turn, job: Job, exit: Exit, evidence: Outcome["evidence"]): void {
  const crash = exit.cause === "exited" || exit.cause === "oom";
  const what = describeExit(exit);
  emit(turn, "verdict", { cause: exit.cause, code: exit.code, by: exit.by, evidence }, { job });
  finish(
    turn,
    job.current === null ? job : noteUnknownGap(turn, job, "events not yet sent when the container ended"),
    {
      status: "evicted",
      code: crash ? "evicted-crash" : "evicted-transient",
      evicted: crash ? "crash" : "transient",
      error: crash
        ? `${what} (container evicted or crashed)`
        : `${what} (container evicted or crashed): transient infrastructure eviction`,
      detail: `Ended in phase ${job.phase}, ${seconds(turn.now - job.acceptedAt)} after the dispatch.`,
      exit,
      evidence,
    },
  );
}

/** Nobody can know how many events a container took with it. */
export function noteUnknownGap(turn: Turn, job: Job, reason: string): Job {
  emit(turn, "gap", { count: null, reason }, { job });
  const gaps = [...job.gaps, { at: turn.now, count: null, reason }].slice(-Limits.notesPerJob);
  return patchJob(turn, job.jobId, { gaps });
}

export function describeExit(exit: Exit): string {
  switch (exit.cause) {
    case "exited":
      return `The container exited with code ${exit.code ?? "unknown"}`;
    case "oom":
      return "The container was killed with code 137, most often for lack of memory";
    case "platform-stop":
      return "The platform stopped the container (exit code 143)";
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
