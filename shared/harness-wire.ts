import * as z from "zod";
import { BootId, InstanceId, JobId } from "./ids.ts";
import { FailureCause, FollowUp, JobResult, Progress } from "./job-result.ts";
import { Limits } from "./limits.ts";
import { State } from "./job-view.ts";

/** The header that carries a shared secret or, from the object, the control key of this boot. */
export const SECRET_HEADER = "x-harness-secret";

/**
 * The field of a job body that belongs to the object alone: which attempt this is and how it reports. A harness reads it
 * only where it has an instance; a caller's own field of this name is dropped by the Worker.
 */
export const ATTEMPT_FIELD = "holtAttempt";

export const AttemptEnvelope = z
  .looseObject({
    executionId: z.string(),
    instance: InstanceId,
    attempt: z.int().min(1),
    round: z.int().min(1),
    /** Bearer of this attempt's beats; kept in the harness's memory and nowhere else. */
    beatKey: z.string().min(16).max(200),
    nextBeatMs: z.int().min(20),
    /** Limits of the harness's own timers; they stand later than the object's. */
    limits: z.looseObject({
      cloneMs: z.int(),
      setupMs: z.int(),
      pushMs: z.int(),
      inactivityMs: z.int(),
      /** Absent from a Worker that knows no such limit. */
      toolSilenceMs: z.int().optional(),
      maxDurationMs: z.int(),
      /** Added to each of the harness's own limits: the object acts first. */
      marginMs: z.int(),
      checkpointMs: z.int(),
      killGraceMs: z.int(),
    }),
    /** The commit the first attempt began from; absent on the first. */
    baseCommit: z.string().max(64).optional(),
  })
  .meta({ id: "AttemptEnvelope", description: "Which attempt a job body belongs to." });
export type AttemptEnvelope = z.infer<typeof AttemptEnvelope>;

export const HarnessHealth = z.looseObject({
  status: z.literal("ok"),
  boot: BootId.optional(),
  instance: InstanceId.nullable().optional(),
});
export type HarnessHealth = z.infer<typeof HarnessHealth>;

/** The 202 of `POST /jobs`; without `beats` the harness must be polled. */
export const HarnessAccepted = z.looseObject({
  jobId: JobId,
  state: State,
  beats: z.boolean().optional(),
  boot: BootId.optional(),
  instance: InstanceId.nullable().optional(),
  /** What of the body was dropped or has no effect. */
  warnings: z.array(z.string()).optional(),
});
export type HarnessAccepted = z.infer<typeof HarnessAccepted>;

/** `GET /jobs/{id}` of the harness. */
export const HarnessView = z.looseObject({
  id: JobId,
  state: State,
  startedAt: z.int(),
  heartbeatAt: z.int(),
  phase: z.string(),
  progress: Progress.optional(),
  result: JobResult.optional(),
  error: z.string().optional(),
  failureCause: FailureCause.optional(),
  detail: z.string().optional(),
  spans: z
    .array(
      z.looseObject({
        tool: z.string(),
        seq: z.int().optional(),
        startedAt: z.int(),
        endedAt: z.int(),
        ok: z.boolean(),
      }),
    )
    .optional(),
  followUps: z.array(FollowUp).optional(),
  boot: BootId.optional(),
  instance: InstanceId.nullable().optional(),
  attempt: z.int().optional(),
});
export type HarnessView = z.infer<typeof HarnessView>;

/** What is worth pushing is pushed by then; a harness waits no longer for it, whatever its caller does. */
export const STOP_GRACE_MAX_MS = 15 * 60_000;

/** `DELETE /jobs/{id}` of the harness: an orderly stop with a last checkpoint. */
export const HarnessStop = z.looseObject({
  cause: z.string().min(1).max(60),
  graceMs: z.int().min(0).max(STOP_GRACE_MAX_MS),
  reason: z.string().max(Limits.reasonChars).optional(),
});
export type HarnessStop = z.infer<typeof HarnessStop>;

export const HarnessError = z.looseObject({ error: z.string() });
