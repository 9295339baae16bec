import * as z from "zod";
import { BoardName, JobId } from "./ids.ts";
import { Limits } from "./limits.ts";
import { PolicyRequest } from "./policy.ts";

export const ImageName = z.enum(["harness", "ui"]);
export type ImageName = z.infer<typeof ImageName>;

/** Sizes the platform offers; an omitted one becomes `standard-1`, since the platform's own default has 256 MiB. */
export const InstanceSize = z.enum(["lite", "basic", "standard-1", "standard-2", "standard-3", "standard-4"]);
export type InstanceSize = z.infer<typeof InstanceSize>;

export const Labels = z
  .record(z.string().min(1).max(Limits.labelChars), z.string().max(Limits.labelChars))
  .refine((labels) => Object.keys(labels).length <= Limits.labels, {
    error: `at most ${Limits.labels} labels`,
  });

/** The native API's dispatch; strict, so that a typo is an error. `spec` is the job body without `jobId` and `kind`. */
export const NativeDispatch = z
  .strictObject({
    jobId: JobId,
    board: BoardName.optional(),
    labels: Labels.optional(),
    policy: PolicyRequest.optional(),
    image: ImageName.optional(),
    instance: InstanceSize.optional(),
    spec: z.record(z.string(), z.unknown()),
    /** Starts a new round of an ended job. */
    again: z.boolean().optional(),
    notify: z.string().max(2_000).optional(),
  })
  .meta({ id: "NativeDispatch", description: "A job for an execution of this name." });
export type NativeDispatch = z.infer<typeof NativeDispatch>;

/** The deadlines of a job that people may move. */
export const ExtendableDeadline = z.enum(["inactivity", "tool-silence", "max-duration", "preview"]);
export type ExtendableDeadline = z.infer<typeof ExtendableDeadline>;

export const ExtendRequest = z
  .strictObject({ deadline: ExtendableDeadline, until: z.int().min(0) })
  .meta({ id: "ExtendRequest", description: "Which deadline stands no earlier than when." });
export type ExtendRequest = z.infer<typeof ExtendRequest>;

export const CancelRequest = z
  .strictObject({ reason: z.string().min(1).max(Limits.reasonChars).optional() })
  .meta({ id: "CancelRequest", description: "Why a job is cancelled; shown to people." });
export type CancelRequest = z.infer<typeof CancelRequest>;
