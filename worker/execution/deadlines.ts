import type { DeadlineName } from "../../shared/job-view.ts";
import { isAtWork, stepLimitMs } from "../../shared/steps.ts";
import { activeJob, type ExecutionState, type Instance, isLive, type Job, leadingPolicy } from "./state.ts";

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
  const { policy, current } = job;
  const own = (name: DeadlineName, at: number, why: string, extendable = false): Deadline => ({
    name,
    at,
    jobId: job.jobId,
    extendable,
    why,
  });
  const found: Deadline[] = [];
  // An end that was seen is judged before anything else is.
  if (state.instance?.exit != null && job.stop === null) return found;
  const free = state.instance === null;
  if (job.status === "queued" && free) {
    found.push(
      own(
        "queued",
        job.queuedSince + policy.queuedMs,
        "fails for want of capacity unless a container starts",
      ),
    );
    if (job.starts.retryAt !== null)
      found.push(own("start-retry", job.starts.retryAt, "the start is tried again"));
  }
  if (job.status === "starting") {
    const since = current?.startedAt ?? state.instance?.writtenAt ?? job.queuedSince;
    const ending = state.instance?.intent != null || state.instance?.exit != null;
    if (!ending)
      found.push(
        own(
          "starting",
          since + policy.startingMs,
          "the start counts as failed unless the harness takes the job",
        ),
      );
  }
  if (job.status === "running" && current !== null) {
    const { question } = current;
    if (question === null) {
      found.push(
        own(
          "silence",
          current.aliveAt + policy.silenceMs,
          "the harness is asked whether it lives unless it beats",
        ),
      );
    } else if (question.state === "waiting") {
      found.push(own("question", question.at, "the harness is asked a second time"));
    } else {
      // An effect that died with its incarnation is run again on wake; this bounds a question that never came back.
      found.push(own("question", question.at + policy.silenceMs, "the question is put again"));
    }
    const limitMs = stepLimitMs(job.phase, policy);
    if (limitMs !== null) {
      found.push(
        own("step", current.phaseSince + limitMs, `the step may take ${Math.round(limitMs / 1000)} s`),
      );
    }
  }
  if (job.workSince !== null && isAtWork(job.status)) {
    const at = job.workSince + policy.maxDurationMs - job.workedMs;
    found.push(own("max-duration", at, "the job is stopped, whatever it does", true));
    const noticeMs = Math.round(MAX_DURATION_NOTICE_MS * policy.scale);
    if (!job.warned && noticeMs < policy.maxDurationMs) {
      found.push(own("warning", at - noticeMs, "people are told that max-duration is near"));
    }
  }
  if (job.stop !== null && job.stop.stage !== "destroy") {
    const graceMs = job.stop.stage === "cooperative" ? policy.stopGraceMs : policy.killGraceMs;
    const next = job.stop.stage === "cooperative" ? "SIGTERM is sent" : "the container is destroyed";
    found.push(own("stop-grace", job.stop.stageAt + graceMs, `${next} unless the stop is done`));
  }
  return found;
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
    found.push(
      own(
        "idle",
        state.idleSince + largest(state, "idleMs"),
        "the container is destroyed unless a job comes",
      ),
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
            at: job.releasedAt + 90_000,
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
