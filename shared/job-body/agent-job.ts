import * as z from "zod";
import { JobId } from "../ids.ts";
import { CodingFields } from "./coding.ts";
import { JobOutput } from "./explore.ts";
import { ExtraFields } from "./extras.ts";
import { JobInfra } from "./infra.ts";
import { JobAgent, JobPrompts } from "./prompts-and-agent.ts";
import { JobRepo } from "./repo.ts";
import { requiredText } from "./text.ts";

const JobCore = z.object({
  jobId: JobId,
  ...JobPrompts.shape,
  agent: JobAgent,
  /** For clone, push and pull request. */
  ghToken: requiredText,
  repo: JobRepo,
  /** The branch to clone. */
  branch: requiredText,
  /** Absent: `https://api.github.com`. */
  githubApiBase: requiredText.optional(),
  /** A clone with the whole history. */
  full: z.boolean(),
  persistentCheckout: z.boolean(),
  infra: JobInfra.optional(),
  ...ExtraFields.shape,
});

export const ExploreJob = JobCore.extend({ mode: z.literal("explore"), output: JobOutput });
export type ExploreJob = z.infer<typeof ExploreJob>;

export const CodingJob = JobCore.extend({ mode: z.literal("coding"), ...CodingFields.shape });
export type CodingJob = z.infer<typeof CodingJob>;

export const PreviewJob = JobCore.extend({ mode: z.literal("preview") });
export type PreviewJob = z.infer<typeof PreviewJob>;

/** A job as the parser of job bodies leaves it: defaults filled in, malformed optional fields gone. */
export const AgentJob = z
  .discriminatedUnion("mode", [ExploreJob, CodingJob, PreviewJob])
  .meta({ id: "AgentJob", description: "A parsed job of the job protocol." });
export type AgentJob = z.infer<typeof AgentJob>;
