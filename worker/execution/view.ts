import type { FollowUp, JobResult, Span } from "../../shared/job-result.ts";
import type { DeadlineView, ExecutionView, JobView, State, Status } from "../../shared/job-view.ts";
import { deadlines, deadlinesFor } from "./deadlines.ts";
import type { Deadline } from "./deadlines/deadline.ts";
import { readsAsStopping } from "./lifecycle/delivery.ts";
import type { Door } from "./rpc.ts";
import { activeJob, awaitsStart, type ExecutionState, isLive, isTerminal, type Job } from "./state.ts";

/** What a view needs beside the state: rows of other tables, and what only the reader knows. */
export type ViewExtras = {
  readonly door: Door;
  /** The object's id, which stands for the container on the wire. */
  readonly containerId: string;
  readonly running: boolean;
  readonly result: JobResult | null;
  /** The end is not told yet, for telemetry that comes before it. */
  readonly held?: boolean;
  /** Where to read on; the newest cursor unless given. */
  readonly cursor?: number;
  readonly spans: readonly Span[];
  readonly followUps: readonly FollowUp[];
};

/** Deadlines nearer than this that would stop the job ask for a person's attention. */
const ATTENTION_MS = 5 * 60_000;
const stopping: ReadonlySet<string> = new Set(["max-duration", "step", "inactivity", "tool-silence"]);

/** A job as people and clients read it. Pure; `now` only makes ages, remaining times and what depends on grace. */
export function toJobView(state: ExecutionState, job: Job, now: number, extras: ViewExtras): JobView {
  const own = deadlinesFor(state, job).map((deadline) => toDeadlineView(deadline, now));
  const status = extras.held === true ? "running" : statusOf(job, now, extras.door);
  const ended = isTerminal(status);
  return {
    id: job.jobId,
    state: stateOf(status),
    status,
    startedAt: job.acceptedAt,
    heartbeatAt: job.heartbeatAt,
    phase: phaseOf(job, status),
    ...(job.progress === null ? {} : { progress: job.progress }),
    ...(extras.result === null || !ended ? {} : { result: extras.result }),
    ...endOf(job, status),
    ...(extras.spans.length === 0 ? {} : { spans: [...extras.spans] }),
    ...(extras.followUps.length === 0 ? {} : { followUps: [...extras.followUps] }),
    executionId: state.executionId,
    round: job.round,
    attempt: job.attempt,
    revision: job.revision,
    asOf: now,
    labels: { ...job.labels },
    board: state.board,
    ...(job.about === null ? {} : { about: job.about }),
    cursor: extras.cursor ?? state.cursor,
    signals: {
      process: signal(job.beatAt, now),
      output: signal(job.outputAt, now),
      tool: signal(job.toolAt, now),
    },
    deadlines: own,
    policy: job.policy,
    notes: [...job.notes],
    container: toContainer(state, job, extras),
    exit: exitOf(state, job),
    ...stopOf(job, ended),
    outcome: ended ? (job.end?.outcome ?? null) : null,
    recoveries: job.recoveries.map(({ at, attempt, evicted, why }) => ({ at, attempt, evicted, why })),
    ...queueOf(state, job),
    gaps: [...job.gaps],
    usage: {
      containerSeconds: Math.round((job.containerMs + runningMs(job, now)) / 100) / 10,
      tokens: [...job.tokens],
    },
    attention: attentionOf(state, job, { own, now }),
    ...(job.logTail.length === 0 ? {} : { logTail: [...job.logTail] }),
  };
}

export function toExecutionView(
  state: ExecutionState,
  jobs: readonly JobView[],
  now: number,
  extras: Pick<ViewExtras, "containerId" | "running">,
): ExecutionView {
  const living = state.instance === null ? 0 : now - (state.instance.startedAt ?? now);
  return {
    executionId: state.executionId,
    board: state.board,
    revision: state.revision,
    asOf: now,
    cursor: state.cursor,
    jobs: [...jobs],
    instance: liveContainer(state, extras),
    deadlines: deadlines(state).map((deadline) => toDeadlineView(deadline, now)),
    containerSeconds: Math.round((state.containerMs + living) / 100) / 10,
  };
}

/** A released job of the job protocol reads as stopping, then as evicted: its clients resume on that. */
export function statusOf(job: Job, now: number, door: Door): Status {
  if (door === "native" || job.end?.outcome.code !== "released") return job.status;
  return readsAsStopping(job, now) ? "stopping" : "evicted";
}

export function stateOf(status: Status): State {
  switch (status) {
    case "queued":
    case "starting":
    case "running":
    case "recovering":
    case "stopping":
      return "running";
    case "done":
      return "done";
    case "failed":
    case "cancelled":
    case "evicted":
      return "failed";
  }
}

function phaseOf(job: Job, status: Status): string {
  if (status === "stopping") return "stopping";
  if (status === "running" && isTerminal(job.status)) return "finishing";
  return isTerminal(status) && status !== "done" ? "failed" : job.phase;
}

function stopOf({ stop }: Job, ended: boolean): Pick<JobView, "stop"> {
  if (stop === null || ended) return {};
  const { kind, cause, text, at, stage, evidence } = stop;
  return { stop: { kind, cause, text, at, stage, evidence: [...evidence] } };
}

function endOf(job: Job, status: Status): Partial<JobView> {
  const { end } = job;
  if (end === null || !isTerminal(status)) return {};
  if (status === "evicted" && end.outcome.code === "released") {
    return { error: "the execution was released (container evicted or crashed)", evicted: "crash" };
  }
  return {
    ...(end.error === null ? {} : { error: end.error }),
    ...(end.failureCause === null ? {} : { failureCause: end.failureCause }),
    ...(end.detail === null ? {} : { detail: end.detail }),
    ...(end.evicted === null ? {} : { evicted: end.evicted }),
    ...(end.harnessShutdown ? { harnessShutdown: true as const } : {}),
  };
}

export function toDeadlineView({ name, at, extendable, why }: Deadline, now: number): DeadlineView {
  return { name, at, remainingMs: at - now, extendable, why };
}

function signal(at: number | null, now: number): { at: number; ageMs: number } | null {
  return at === null ? null : { at, ageMs: Math.max(0, now - at) };
}

/** The instance this job works or worked in; null before it had one. */
function toContainer(state: ExecutionState, job: Job, extras: ViewExtras): JobView["container"] {
  const instance = job.current?.instance ?? null;
  const live = liveContainer(state, extras);
  if (instance === null) return job.status === "starting" ? live : null;
  if (live?.instance === instance) return live;
  const { lastInstance } = state;
  const dead = lastInstance?.id === instance ? lastInstance : null;
  return {
    id: extras.containerId,
    instance,
    image: job.image,
    size: job.size,
    running: false,
    coldStartMs: dead?.coldStartMs ?? null,
  };
}

function liveContainer(
  state: ExecutionState,
  extras: Pick<ViewExtras, "containerId" | "running">,
): JobView["container"] {
  const { instance } = state;
  if (instance === null) return null;
  return {
    id: extras.containerId,
    instance: instance.id,
    image: instance.image,
    size: instance.size,
    running: extras.running && instance.exit === null,
    coldStartMs:
      instance.readyAt === null ? null : instance.readyAt - (instance.startedAt ?? instance.readyAt),
  };
}

function exitOf(state: ExecutionState, job: Job): JobView["exit"] {
  const instance = job.current?.instance ?? null;
  const seen =
    job.end?.exit ??
    (state.instance !== null && state.instance.id === instance ? state.instance.exit : null) ??
    (state.lastInstance !== null && state.lastInstance.id === instance ? state.lastInstance.exit : null);
  return seen === null ? null : { code: seen.code, cause: seen.cause, by: seen.by, at: seen.at };
}

/** The place in the line is that of the job that would start next. */
export function queueOf(state: ExecutionState, job: Job): Pick<JobView, "queue"> {
  const { slot } = state;
  if (slot.kind !== "waiting" || slot.place === null || activeJob(state) !== job || !awaitsStart(job))
    return {};
  return { queue: { ...slot.place } };
}

export function runningMs(job: Job, now: number): number {
  const { current } = job;
  return isLive(job) && current !== null && current.lostAt === null ? now - current.startedAt : 0;
}

export function attentionOf(
  state: ExecutionState,
  job: Job,
  { own, now }: { readonly own: readonly DeadlineView[]; readonly now: number },
): JobView["attention"] {
  const { instance } = state;
  const isItsOwn = instance !== null && instance.exit === null && job.current?.instance === instance.id;
  if (job.end?.outcome.code === "stop-unproven" && isItsOwn) {
    return { since: job.end.at, why: "the container's death is not proved" };
  }
  const dyingSince = (instance?.exit === null ? instance.intent?.at : null) ?? Number.POSITIVE_INFINITY;
  const unproved = job.notes.find(({ code, at }) => code === "death-not-proved" && at >= dyingSince);
  if (isLive(job) && unproved !== undefined)
    return { since: unproved.at, why: "the container's death is not proved yet" };
  // Nobody waits for an answer that could not help any more.
  if (job.questionAt !== null && (isLive(job) || job.status === "done"))
    return { since: job.questionAt, why: "the agent asked a question" };
  // A job that only waits lists the deadlines of the one before it, which stop that one.
  if (activeJob(state) !== job) return null;
  const near = own.find(({ name, remainingMs }) => stopping.has(name) && remainingMs < ATTENTION_MS);
  if (near === undefined) return null;
  return { since: Math.min(now, near.at - ATTENTION_MS), why: `the ${near.name} deadline will stop it` };
}
