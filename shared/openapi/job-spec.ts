/**
 * The job body for people and their tools. What is accepted, dropped and refused is decided by `parseJobBody`; this says
 * it as a schema, and tests hold the two against each other.
 */

import * as z from "zod";
import { InstanceSize } from "../dispatch.ts";
import { JobId } from "../ids.ts";
import { GuardLimits } from "../job-body/extras.ts";
import { FrontendInfra } from "../job-body/frontend-infra.ts";

const text = z.string().min(1);

const Repo = z.looseObject({
  owner: text,
  name: text,
  baseBranch: text,
  cloneUrl: text,
  provider: z.enum(["github", "gitlab"]).optional(),
  serviceDirectory: text.optional(),
});

const Service = z.looseObject({
  environment: z.enum(["local", "ephemeral"]),
  composePath: text.optional(),
  environmentUrl: text.optional(),
  noInfraDependencies: z.boolean().optional(),
});

export const JobSpec = z
  .looseObject({
    mode: z.enum(["coding", "explore", "preview"]),
    systemPrompt: text.optional(),
    userPrompt: text.optional(),
    model: text.optional(),
    harness: z.enum(["pi", "claude-code", "codex"]).optional(),
    proxyBaseUrl: text.optional(),
    sessionToken: text.optional(),
    subscriptionToken: text.optional(),
    subscriptionBaseUrl: text.optional(),
    ambientAuth: z.boolean().optional(),
    ghToken: text,
    repo: Repo,
    branch: text,
    newBranch: text.optional(),
    pushBranch: text.optional(),
    commitMessage: text.optional(),
    pr: z.looseObject({ title: text, body: z.string().optional() }).optional(),
    noChangesIsError: z.boolean().optional(),
    githubApiBase: z.string().optional(),
    contextFiles: z
      .array(
        z.looseObject({
          path: text,
          content: z.string(),
          title: z.string().optional(),
          url: z.string().optional(),
        }),
      )
      .optional(),
    full: z.boolean().optional(),
    mergeBase: text.optional(),
    bootstrap: z
      .looseObject({
        target: z.looseObject({ owner: text, name: text, cloneUrl: text, defaultBranch: text }),
        fromScratch: z.boolean().optional(),
      })
      .optional(),
    output: z
      .looseObject({
        kind: z.enum(["prose", "structured"]).optional(),
        shapeHint: z.string().optional(),
        repair: z.boolean().optional(),
        failOnUnusableFinal: z.boolean().optional(),
      })
      .optional(),
    infra: z.union([Service, FrontendInfra.loose()]).optional(),
    webSearch: z.boolean().optional(),
    webToolsGuidance: z.string().optional(),
    guardLimits: GuardLimits.loose().optional(),
    streamFollowUps: z.boolean().optional(),
    persistentCheckout: z.boolean().optional(),
  })
  .meta({
    id: "JobSpec",
    description:
      "What a job is to do. Unknown fields pass through to the harness. A malformed optional field is dropped and named in `warnings`; a malformed required one refuses the job with `invalid-job`. A field that the job's flow has no use for is named in `warnings`.",
  });

export const JobRequest = z
  .intersection(
    JobSpec,
    z.looseObject({
      kind: z.literal("agent"),
      jobId: JobId,
      instanceType: InstanceSize.optional(),
    }),
  )
  .meta({ id: "JobRequest", description: "A job as the job protocol takes it." });
