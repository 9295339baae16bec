import type { DeadlineName } from "../../shared/job-view.ts";
import { isAtWork, stepLimitMs } from "../../shared/steps.ts";
import { activeJob, type ExecutionState, type Instance, isLive, type Job, leadingPolicy } from "./state.ts";

/** How long a released job of the job protocol reads as stopping; then as a crash, on which its clients resume. */
export const RELEASED_GRACE_MS = 90_000;

/** A live container is looked after at least this often. */
export const TICK_MS = 30_000;

/** How long before max-duration people are told. */
const MAX_DURATION_NOTICE_MS = 5 * 60_000;

export type Deadline = {
  readonly name: DeadlineName;
  readonly at: number;
  readonly jobId: string | null;
  readonly extendable: boolean;
  /** For people: what happens then, and what would prevent it. */
  readonly why: string;
};

/** Every moment at which this state wants to act, unless something happens first. The alarm is a cache of the earliest. */
export function deadlines(state: ExecutionState): readonly Deadline[] {
  const job = activeJob(state);
  return [
    ...(job === null ? [] : deadlinesOfJob(state, job)),
    ...(state.instance === null ? [] : deadlinesOfInstance(state, state.instance, job)),
    ...releasedDeadlines(state),
    ...retentionDeadline(state),
  ].toSorted((a, b) => a.at - b.at);
}

export function passedDeadlines(state: ExecutionState, now: number): readonly Deadline[] {
  return deadlines(state).filter((deadline) => deadline.at <= now);
}

/** The earliest deadline; null where nothing is to be done any more. */
export function earliestAt(state: ExecutionState): number | null {
  return deadlines(state)[0]?.at ?? null;
}

/** What people see of a job: its own deadlines, or, while it waits behind another, that one's. */
export function deadlinesFor(state: ExecutionState, job: Job): readonly Deadline[] {
  const active = activeJob(state);
  if (active !== null && active.jobId !== job.jobId && isLive(job)) {
    return deadlines(state).map((deadline) => ({
      ...deadline,
      why: `waits behind job ${active.jobId}: ${deadline.why}`,
    }));
  }
  return deadlines(state).filter((deadline) => deadline.jobId === null || deadline.jobId === job.jobId);
}

function deadlinesOfJob(state: ExecutionState, job: Job): readonly Deadline[] {
  // An end that was seen is judged before anything else is.
  if (state.instance?.exit != null && job.stop === null) return [];
  return [
    ...queuedDeadlines(state, job),
    ...startingDeadlines(state, job),
    ...silenceDeadlines(job),
    ...stepDeadline(job),
    ...durationDeadlines(job),
    ...stopDeadline(job),
  ];
}

function queuedDeadlines(state: ExecutionState, job: Job): readonly Deadline[] {
  if (job.status !== "queued" || state.instance !== null) return [];
  const { retryAt } = job.starts;
  const why = "fails for want of capacity unless a container starts";
  const limit = of(job, "queued", job.queuedSince + job.policy.queuedMs, why);
  return retryAt === null ? [limit] : [limit, of(job, "start-retry", retryAt, "the start is tried again")];
}

function startingDeadlines(state: ExecutionState, job: Job): readonly Deadline[] {
  const { instance } = state;
  if (job.status !== "starting" || instance?.intent != null || instance?.exit != null) return [];
  const since = job.current?.startedAt ?? instance?.writtenAt ?? job.queuedSince;
  const why = "the start counts as failed unless the harness takes the job";
  return [of(job, "starting", since + job.policy.startingMs, why)];
}

function silenceDeadlines(job: Job): readonly Deadline[] {
  const { current, policy } = job;
  if (job.status !== "running" || current === null) return [];
  const { question } = current;
  if (question === null) {
    const why = "the harness is asked whether it lives unless it beats";
    return [of(job, "silence", current.aliveAt + policy.silenceMs, why)];
  }
  // An effect that died with its incarnation is run again on wake; the window bounds a question that never came back.
  return question.state === "waiting"
    ? [of(job, "question", question.at, "the harness is asked a second time")]
    : [of(job, "question", question.at + policy.silenceMs, "the question is put again")];
}

function stepDeadline(job: Job): readonly Deadline[] {
  const limitMs = stepLimitMs(job.phase, job.policy);
  if (job.status !== "running" || job.current === null || limitMs === null) return [];
  return [
    of(job, "step", job.current.phaseSince + limitMs, `the step may take ${Math.round(limitMs / 1000)} s`),
  ];
}

function durationDeadlines(job: Job): readonly Deadline[] {
  const { maxDurationMs, scale } = job.policy;
  if (job.workSince === null || !isAtWork(job.status)) return [];
  const at = job.workSince + maxDurationMs - job.workedMs;
  const limit = of(job, "max-duration", at, "the job is stopped, whatever it does");
  const noticeMs = Math.round(MAX_DURATION_NOTICE_MS * scale);
  if (job.warned || noticeMs >= maxDurationMs) return [limit];
  return [limit, of(job, "warning", at - noticeMs, "people are told that max-duration is near")];
}

function stopDeadline(job: Job): readonly Deadline[] {
  const { policy, stop } = job;
  if (stop === null || stop.stage === "destroy") return [];
  return stop.stage === "cooperative"
    ? [of(job, "stop-grace", stop.stageAt + policy.stopGraceMs, "SIGTERM is sent unless the stop is done")]
    : [of(job, "stop-grace", stop.stageAt + policy.killGraceMs, "the container is destroyed unless it ends")];
}

function of(job: Job, name: DeadlineName, at: number, why: string): Deadline {
  return { name, at, jobId: job.jobId, extendable: false, why };
}

function deadlinesOfInstance(
  state: ExecutionState,
  instance: Instance,
  job: Job | null,
): readonly Deadline[] {
  const scale = leadingPolicy(state)?.scale ?? 1;
  const found: Deadline[] = [];
  const own = (name: DeadlineName, at: number, why: string): Deadline => ({
    name,
    at,
    jobId: name === "stop-retry" ? (job?.jobId ?? null) : null,
    extendable: false,
    why,
  });
  if (instance.exit !== null) {
    return [
      own("judge-exit", instance.exit.judgeAt, "the container's end is judged; a last beat may still come"),
    ];
  }
  found.push(
    own(
      "tick",
      instance.lastTickAt + Math.max(1, Math.round(TICK_MS * scale)),
      "the container is looked after",
    ),
  );
  // At the sigterm stage the destroy has its own deadline; elsewhere an intent is retried until death is proved.
  if (instance.intent !== null && (job?.stop == null || job.stop.stage === "destroy")) {
    found.push(
      own("stop-retry", instance.intent.retryAt, "the destroy is tried again unless death is proved"),
    );
  }
  if (state.idleSince !== null && job === null && instance.intent === null) {
    const idleAt = state.idleSince + largest(state, "idleMs");
    const { previewUntil = 0 } = instance;
    found.push(
      previewUntil > idleAt
        ? own("preview", previewUntil, "the preview and its container end; a release ends them earlier")
        : own("idle", idleAt, "the container is destroyed unless a job comes"),
    );
  }
  return found;
}

function releasedDeadlines(state: ExecutionState): readonly Deadline[] {
  return state.jobs.flatMap((job) =>
    job.door === "job" && job.releasedAt !== null && job.phase === "stopping" && !isLive(job)
      ? [
          {
            name: "released" as const,
            at: job.releasedAt + RELEASED_GRACE_MS,
            jobId: job.jobId,
            extendable: false,
            why: "reads as evicted from then on",
          },
        ]
      : [],
  );
}

function retentionDeadline(state: ExecutionState): readonly Deadline[] {
  const ends = state.jobs.map((job) => job.end?.at ?? null);
  if (state.instance !== null || ends.length === 0 || ends.includes(null)) return [];
  const last = Math.max(...ends.map((at) => at ?? 0));
  return [
    {
      name: "retention",
      at: last + largest(state, "retentionMs"),
      jobId: null,
      extendable: false,
      why: "everything stored of this execution is deleted",
    },
  ];
}

/** Idle and retention are the largest any of the execution's jobs asked for. */
function largest(state: ExecutionState, limit: "idleMs" | "retentionMs"): number {
  return Math.max(...state.jobs.map((job) => job.policy[limit]), 0);
}
