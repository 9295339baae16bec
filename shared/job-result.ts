import * as z from "zod";

/** The closed causes of a failure that clients of the job protocol switch on; every other reason lives in `outcome.code`. */
export const FailureCause = z.enum([
  "inactivity-timeout",
  "max-duration",
  "agent",
  "git",
  "api",
  "no-usable-output",
  "no-changes",
  "no-tool-progress",
  "branch-contended",
]);
export type FailureCause = z.infer<typeof FailureCause>;

export const Progress = z
  .looseObject({
    completed: z.int().min(0),
    inProgress: z.int().min(0),
    total: z.int().min(0),
    items: z
      .array(z.looseObject({ label: z.string().max(300), status: z.string().max(40) }))
      .max(200)
      .optional(),
  })
  .meta({ id: "Progress", description: "The agent's own list of what is done and what is left." });
export type Progress = z.infer<typeof Progress>;

export const FollowUp = z
  .looseObject({
    kind: z.enum(["follow_up", "question"]),
    title: z.string().max(300),
    detail: z.string().max(16_384),
    suggestedAction: z.string().max(4_000).optional(),
  })
  .meta({ id: "FollowUp", description: "Something the agent leaves to a person." });
export type FollowUp = z.infer<typeof FollowUp>;

/** One finished tool call. `seq` is the object's, per job, over all attempts. */
export const Span = z
  .looseObject({
    tool: z.string().max(200),
    seq: z.int().min(1),
    startedAt: z.int(),
    endedAt: z.int(),
    ok: z.boolean(),
    argsSummary: z.string().max(500).optional(),
  })
  .meta({ id: "Span", description: "One finished tool call." });
export type Span = z.infer<typeof Span>;

/** How a stand-up of infrastructure ended. `started` together with `error`: the app is up, what stands beside it is not. */
export const InfraSetup = z
  .looseObject({
    started: z.boolean(),
    /** As the job named it; absent for a frontend. */
    composePath: z.string().optional(),
    /** When it was finished, in epoch milliseconds. */
    at: z.int(),
    durationMs: z.int().min(0).optional(),
    /** What the commands printed, redacted; the end of it where there was more. */
    logs: z.string().optional(),
    error: z.string().optional(),
  })
  .meta({ id: "InfraSetup", description: "How a stand-up of a job's infrastructure ended." });
export type InfraSetup = z.infer<typeof InfraSetup>;

/** What a job came to; `error` on a `done` job is a semantic failure. All fields optional, unknown ones survive. */
export const JobResult = z
  .looseObject({
    summary: z.string().optional(),
    /** The object that a structured job was asked for. */
    custom: z.unknown().optional(),
    stats: z.looseObject({ toolCalls: z.int(), assistantChars: z.int() }).optional(),
    pushed: z.boolean().optional(),
    prUrl: z.string().optional(),
    branch: z.string().optional(),
    /** Of a repository that was set up. */
    defaultBranch: z.string().optional(),
    preview: z.looseObject({ url: z.string() }).optional(),
    infraSetup: InfraSetup.optional(),
    error: z.string().optional(),
    failureCause: FailureCause.optional(),
    usage: z.looseObject({ inputTokens: z.int(), outputTokens: z.int() }).optional(),
  })
  .meta({ id: "JobResult", description: "What a job came to; a result with `error` is a semantic failure." });
export type JobResult = z.infer<typeof JobResult>;

/** The end of a job as the harness tells it. */
export const Terminal = z.discriminatedUnion("state", [
  z.looseObject({ state: z.literal("done"), result: JobResult }),
  z.looseObject({
    state: z.literal("failed"),
    error: z.string(),
    failureCause: FailureCause.optional(),
    detail: z.string().optional(),
    /** What had been achieved before the failure (pushed, branch, prUrl, summary), kept as evidence. */
    result: JobResult.optional(),
  }),
]);
export type Terminal = z.infer<typeof Terminal>;
