import * as z from "zod";
import { JobAbout } from "./about.ts";
import { BundleHead } from "./bundle/line.ts";
import { BoardName, ExecutionId, JobId } from "./ids.ts";
import { FailureCause, FollowUp, JobResult, Progress, Span } from "./job-result.ts";
import { Limits } from "./limits.ts";
import { Note } from "./note.ts";
import { Outcome } from "./outcomes.ts";
import { Policy } from "./policy.ts";

/** What people and clients of the native API read; the first five are `running` to clients of the job protocol. */
export const Status = z.enum([
  "queued",
  "starting",
  "running",
  "recovering",
  "stopping",
  "done",
  "failed",
  "cancelled",
  "evicted",
]);
export type Status = z.infer<typeof Status>;

export const State = z.enum(["running", "done", "failed"]);
export type State = z.infer<typeof State>;

export const DeadlineName = z.enum([
  "tick",
  "queued",
  "start-retry",
  "starting",
  "slot",
  "silence",
  "question",
  "poll",
  "step",
  "cold-start",
  "inactivity",
  "tool-silence",
  "warning",
  "max-duration",
  "stop-grace",
  "judge-exit",
  "stop-retry",
  "released",
  "idle",
  "preview",
  "retention",
]);
export type DeadlineName = z.infer<typeof DeadlineName>;

/** A moment at which the object will act unless something happens first. */
export const DeadlineView = z
  .object({
    name: DeadlineName,
    at: z.int(),
    remainingMs: z.int(),
    extendable: z.boolean(),
    why: z.string(),
  })
  .meta({
    id: "Deadline",
    description: "A moment at which the object will act unless something happens first.",
  });
export type DeadlineView = z.infer<typeof DeadlineView>;

export const ExitCause = z.enum([
  "exited",
  "oom",
  "rollout",
  "platform-stop",
  "vanished",
  "silence",
  "start-failed",
  "no-capacity",
  "rate-limited",
  "self-stopped",
]);
export type ExitCause = z.infer<typeof ExitCause>;

/** How a container ended; `code` is null where nobody saw one. */
export const ExitView = z
  .object({ code: z.int().nullable(), cause: ExitCause, by: z.string(), at: z.int() })
  .meta({ id: "Exit", description: "How the container ended; the code is null where nobody saw one." });
export type ExitView = z.infer<typeof ExitView>;

/** What a job that is being stopped has come to; its stages are those of docs/design.md. */
export const StopView = z
  .object({
    kind: z.enum(["cancel", "release", "deadline"]),
    /** `cancelled`, `released`, or what the deadline is called as a cause. */
    cause: z.string(),
    text: z.string(),
    at: z.int(),
    stage: z.enum(["cooperative", "sigterm", "destroy"]),
    evidence: z.array(Note),
  })
  .meta({ id: "Stop", description: "A stop under way: who asked for it, its stage, what was seen of it." });
export type StopView = z.infer<typeof StopView>;

const Signal = z.object({ at: z.int(), ageMs: z.int() }).nullable();

/** Everything one may know of a job; the original harness's fields keep their names and meanings. */
export const JobView = z
  .object({
    id: JobId,
    state: State,
    status: Status,
    /** The acceptance; never moves. */
    startedAt: z.int(),
    /** The agent's last activity, not the arrival of a beat. */
    heartbeatAt: z.int(),
    phase: z.string(),
    progress: Progress.optional(),
    result: JobResult.optional(),
    error: z.string().optional(),
    failureCause: FailureCause.optional(),
    detail: z.string().optional(),
    spans: z.array(Span).optional(),
    followUps: z.array(FollowUp).optional(),
    executionId: ExecutionId,
    round: z.int().min(1),
    /** 0 before the first attempt. */
    attempt: z.int().min(0),
    revision: z.int(),
    /** The object's clock at reading; like ages and remaining times it does not change the revision. */
    asOf: z.int(),
    labels: z.record(z.string(), z.string()),
    board: BoardName,
    /** Absent for a job that an earlier version took in. */
    about: JobAbout.optional(),
    /** Newest cursor of the execution's log at reading. */
    cursor: z.int().min(0),
    signals: z.object({ process: Signal, output: Signal, tool: Signal }),
    deadlines: z.array(DeadlineView),
    policy: Policy,
    notes: z.array(Note),
    container: z
      .object({
        id: z.string(),
        instance: z.string(),
        image: z.string(),
        size: z.string(),
        running: z.boolean(),
        coldStartMs: z.int().nullable(),
      })
      .nullable(),
    exit: ExitView.nullable(),
    /** While the job is being stopped; then its evidence is the outcome's. */
    stop: StopView.optional(),
    outcome: Outcome.nullable(),
    evicted: z.enum(["crash", "transient"]).optional(),
    harnessShutdown: z.literal(true).optional(),
    recoveries: z.array(
      z.object({ at: z.int(), attempt: z.int(), evicted: z.enum(["crash", "transient"]), why: z.string() }),
    ),
    /** Its place in the line for a slot, while it waits for one. */
    queue: z.object({ position: z.int().min(1), live: z.int(), max: z.int() }).optional(),
    gaps: z.array(z.object({ at: z.int(), count: z.int().nullable(), reason: z.string() })),
    usage: z.object({
      containerSeconds: z.number(),
      tokens: z.array(
        z.object({
          model: z.string(),
          input: z.int(),
          cacheRead: z.int(),
          cacheWrite: z.int(),
          output: z.int(),
        }),
      ),
    }),
    attention: z.object({ since: z.int(), why: z.string() }).nullable(),
    logTail: z.array(z.string()).optional(),
    /** Under `/v1`, once the job has ended: what the execution's bundle says of its log up to that end. */
    bundle: BundleHead.optional(),
  })
  .meta({ id: "JobView", description: "Everything one may know of a job." });
export type JobView = z.infer<typeof JobView>;

export const ExecutionView = z
  .object({
    executionId: ExecutionId,
    board: BoardName,
    revision: z.int(),
    asOf: z.int(),
    cursor: z.int().min(0),
    jobs: z.array(JobView),
    instance: JobView.shape.container,
    deadlines: z.array(DeadlineView),
    containerSeconds: z.number(),
  })
  .meta({ id: "ExecutionView", description: "An execution: its jobs, its live container, its deadlines." });
export type ExecutionView = z.infer<typeof ExecutionView>;

/** The answer to a dispatch. */
export const DispatchAnswer = z
  .object({
    jobId: JobId,
    state: State,
    status: Status,
    executionId: ExecutionId,
    attempt: z.int().min(0),
    round: z.int().min(1),
    warnings: z.array(z.string()).max(Limits.notesPerJob).optional(),
  })
  .meta({ id: "DispatchAnswer", description: "The job is stored, sealed, and its deadlines are armed." });
export type DispatchAnswer = z.infer<typeof DispatchAnswer>;

/** The answer to an extension: when the deadline stands from now on. */
export const ExtendAnswer = z
  .object({ jobId: z.string(), deadline: z.string(), at: z.int() })
  .meta({ id: "ExtendAnswer", description: "When the extended deadline stands." });
export type ExtendAnswer = z.infer<typeof ExtendAnswer>;

/** The answer to a cancel or a release: what is so at the time of answering. */
export const StopAnswer = z
  .object({ jobId: z.string(), state: State, status: Status })
  .meta({ id: "StopAnswer", description: "What a job is at the time of answering." });
export type StopAnswer = z.infer<typeof StopAnswer>;
