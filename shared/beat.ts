import * as z from "zod";
import { HarnessEvent } from "./events.ts";
import { BootId, InstanceId, JobId } from "./ids.ts";
import { Progress, Terminal } from "./job-result.ts";
import { Limits } from "./limits.ts";

/** Version of the beats on the wire; the object accepts this and the one before. */
export const BEAT_VERSION = 1;

/** The virtual host and path that beats are posted to from inside a container. */
export const BEAT_HOST = "holt.internal";
export const BEAT_PATH = "/v1/beats";

/** What the harness posts: liveness, ages, and a batch of events. Its clock is information, never a deadline. */
export const Beat = z
  .looseObject({
    v: z.literal(BEAT_VERSION),
    jobId: JobId,
    attempt: z.int().min(1),
    instance: InstanceId,
    boot: BootId,
    /**
     * Counts the beats of this attempt, from 1, whether they are answered or not. One that arrives after a later one tells
     * nothing new of the agent. Absent where a harness does not count.
     */
    number: z.int().min(1).optional(),
    sentAt: z.int(),
    phase: z.string().max(Limits.phaseChars),
    /** Age of the agent's last output; null before the first. */
    outputAgeMs: z.int().nullable(),
    /** Age of the last finished tool call; null before the first. */
    toolAgeMs: z.int().nullable(),
    progress: Progress.optional(),
    events: z.array(HarnessEvent).max(Limits.beatEvents),
    terminal: Terminal.optional(),
  })
  .meta({ id: "Beat", description: "Liveness, progress and a batch of events of one attempt." });
export type Beat = z.infer<typeof Beat>;

/** A wish of the object, repeated in every reply until carried out. */
export const Directive = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("stop"), cause: z.string().max(60), graceMs: z.int().min(0) }),
  z.looseObject({ kind: z.literal("extend"), deadline: z.string().max(40), until: z.int() }),
]);
export type Directive = z.infer<typeof Directive>;

export const BeatReply = z
  .looseObject({
    /** Highest contiguous event.seq of this attempt that is stored. */
    ack: z.int().min(0),
    directives: z.array(Directive),
    nextBeatMs: z.int().min(20),
  })
  .meta({ id: "BeatReply", description: "What is stored, what is wished, and when to beat again." });
export type BeatReply = z.infer<typeof BeatReply>;
