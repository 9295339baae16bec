import type { JobAbout } from "../../shared/about.ts";
import type { FailureCause, Progress, Terminal } from "../../shared/job-result.ts";
import type { Status } from "../../shared/job-view.ts";
import type { Note } from "../../shared/note.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import type { ExtendableDeadline, ImageName, InstanceSize } from "../../shared/dispatch.ts";
import type { Policy } from "../../shared/policy.ts";
import type { Attempt, Recovery } from "./state/attempt.ts";
import type { DeadInstance, Exit, Instance } from "./state/instance.ts";
import type { Door } from "./rpc.ts";

export type { Attempt, EvidenceDeadline, Forgiven, Polling, Question, Recovery } from "./state/attempt.ts";
export type { DeadInstance, Exit, Instance, Intent } from "./state/instance.ts";

/** Version of the stored rows; a reader migrates older ones on load. */
export const STATE_VERSION = 1;

/** All that an execution knows of itself. Plain data: it is stored as JSON, one row and one row per job. */
export type ExecutionState = {
  readonly version: typeof STATE_VERSION;
  readonly executionId: string;
  readonly board: string;
  /** Highest revision given out. */
  readonly revision: number;
  /** Cursor of the newest event. */
  readonly cursor: number;
  /** In dispatch order; at most one of them is starting, running or stopping. */
  readonly jobs: readonly Job[];
  /** The one container that may live; null once its death is proved. */
  readonly instance: Instance | null;
  /** How the last instance ended. */
  readonly lastInstance: DeadInstance | null;
  /** Since when no job needs the container; null while one does. */
  readonly idleSince: number | null;
  readonly containerMs: number;
  /** When the object last ended itself to ask the platform afresh. */
  readonly resetAt: number | null;
  /** When containers were started within the last hour; refusals for want of room are none. */
  readonly starts: readonly number[];
  /** Its place among all executions that may have a live container. */
  readonly slot: Slot;
};

export type Slot =
  | { readonly kind: "none" }
  | {
      readonly kind: "waiting";
      readonly askAt: number;
      /** Null until the first answer. */
      readonly place: { readonly position: number; readonly live: number; readonly max: number } | null;
    }
  | { readonly kind: "held" };

/** One job, all its rounds; earlier rounds live on in the log. */
export type Job = {
  readonly jobId: string;
  readonly round: number;
  readonly door: Door;
  readonly status: Status;
  readonly phase: string;
  readonly revision: number;
  readonly acceptedAt: number;
  readonly policy: Policy;
  readonly image: ImageName;
  readonly size: InstanceSize;
  readonly labels: Readonly<Record<string, string>>;
  /** What of the spec may be shown; null for a job that an earlier version took in. */
  readonly about: JobAbout | null;
  /** Names the sealing key of the spec; beat and control keys derive from it. */
  readonly keyId: string;
  /** Grows for the life of the job id; 0 before the first. */
  readonly attempt: number;
  readonly current: Attempt | null;
  /** The last attempt of the round before: its late beats are answered while its instance lives. */
  readonly past: Past | null;
  /** Since when max-duration counts; null while the job waits. */
  readonly workSince: number | null;
  /** What counted before the job had to wait again. */
  readonly workedMs: number;
  /** The deadlines that people were told are near, each as it stood then. */
  readonly warnedOf: Readonly<Partial<Record<StoppingDeadline, number>>>;
  /** Deadlines that people moved, and until when they do not fire. */
  readonly extended: Readonly<Partial<Record<ExtendableDeadline, number>>>;
  readonly queuedSince: number;
  readonly starts: Starts;
  /** What was healed in this round, oldest first. */
  readonly recoveries: readonly Recovery[];
  /** The commit the first attempt of this round began from: work is what the branch holds beyond it. */
  readonly baseCommit: string | null;
  readonly heartbeatAt: number;
  readonly outputAt: number | null;
  readonly toolAt: number | null;
  /** The tool that finished last. */
  readonly toolName: string | null;
  readonly beatAt: number | null;
  readonly progress: Progress | null;
  readonly stop: Stop | null;
  readonly end: End | null;
  readonly delivered: boolean;
  /** When the job was released; a job of the job protocol reads as stopping for a while after. */
  readonly releasedAt: number | null;
  readonly notes: readonly Note[];
  readonly gaps: readonly { readonly at: number; readonly count: number | null; readonly reason: string }[];
  readonly tokens: readonly TokenCount[];
  readonly containerMs: number;
  readonly logTail: readonly string[];
  /** Spans given out so far, and the window on offer. */
  readonly spans: Spans;
  /** Cursor up to which follow-ups were offered. */
  readonly followUpsOffered: number;
  /** Fingerprints of the last different follow-ups, over all rounds; the newest last. */
  readonly followUpKeys: readonly string[];
  /** Since when a question of the agent waits for a person. */
  readonly questionAt: number | null;
};

/** @property keyId names the sealing key of its round; absent where an earlier version wrote it */
export type Past = {
  readonly attempt: number;
  readonly instance: string;
  readonly ack: number;
  readonly keyId?: string;
};

export type Starts = {
  /** Starts that failed for another reason than capacity. */
  readonly failed: number;
  /** Refusals for capacity or rate in a row. */
  readonly refused: number;
  readonly retryAt: number | null;
  readonly lastError: string | null;
};

/** At which a job that works is stopped. */
export type StoppingDeadline = "step" | "inactivity" | "tool-silence" | "max-duration";

export type Stop = {
  readonly kind: "cancel" | "release" | "deadline";
  /** What the harness is told and the view shows: `cancelled`, `released`, or the name of a deadline. */
  readonly cause: string;
  readonly text: string;
  readonly at: number;
  readonly stage: "cooperative" | "sigterm" | "destroy";
  readonly stageAt: number;
  readonly evidence: readonly Note[];
  /** The harness's own end, where one came after the stop; its result is stored as evidence. */
  readonly late: { readonly state: Terminal["state"]; readonly detail: string | null } | null;
};

/** What is left of an end beside the result, which has a table of its own. */
export type End = {
  readonly at: number;
  readonly outcome: Outcome;
  readonly error: string | null;
  readonly failureCause: FailureCause | null;
  readonly detail: string | null;
  readonly evicted: "crash" | "transient" | null;
  readonly harnessShutdown: boolean;
  readonly exit: Exit | null;
};

export type TokenCount = {
  readonly model: string;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
};

export type Spans = {
  readonly newest: number;
  readonly from: number;
  readonly to: number;
  readonly offeredAt: number | null;
  /** How many reads the end was held back for, because telemetry before it did not fit beside it. */
  readonly held: number;
};

export function isTerminal(status: Status): boolean {
  return status === "done" || status === "failed" || status === "cancelled" || status === "evicted";
}

/** What of a job's life a container is started for: it waits for one, or has lost the one it had. */
export function awaitsStart(job: Job): boolean {
  return job.status === "queued" || job.status === "recovering";
}

/** Whether this container is one that the job asked for. */
export function fits(instance: Instance, job: Job): boolean {
  return instance.image === job.image && instance.size === job.size;
}

/** A finished preview keeps its container until its time is over, or a release. */
export function hasPreview({ previewUntil = 0 }: Instance, now: number): boolean {
  return now < previewUntil;
}

export function isLive(job: Job): boolean {
  return !isTerminal(job.status);
}

/** The job that holds the container or is next to: the first in dispatch order that has not ended. */
export function activeJob(state: ExecutionState): Job | null {
  return state.jobs.find(isLive) ?? null;
}

export function jobOf(state: ExecutionState, jobId: string): Job | null {
  return state.jobs.find((job) => job.jobId === jobId) ?? null;
}

/** The policy that scales what belongs to no job: that of the active job, else of the newest. */
export function leadingPolicy(state: ExecutionState): Policy | null {
  return (activeJob(state) ?? state.jobs.at(-1))?.policy ?? null;
}

/** Idle and retention are the largest any of the execution's jobs asked for. */
export function largest(state: ExecutionState, limit: "idleMs" | "retentionMs"): number {
  return Math.max(...state.jobs.map((job) => job.policy[limit]), 0);
}
