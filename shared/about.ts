import * as z from "zod";
import type { AgentJob } from "./job-body/agent-job.ts";
import { Limits } from "./limits.ts";

const name = z.string().max(Limits.aboutChars);

/** What of a job's spec may be shown: names, and nothing that opens anything. */
export const JobAbout = z
  .object({
    /** `owner/name`; of a bootstrap the repository that is set up. */
    repository: name,
    /** Where the work goes, or what is looked at. */
    branch: name,
    /** Empty in previews, which run none. */
    agent: z.enum(["pi", "claude-code", "codex", ""]),
    model: name,
    mode: z.enum(["explore", "coding", "preview"]),
  })
  .meta({ id: "JobAbout", description: "What of a job's spec may be shown: names only." });
export type JobAbout = z.infer<typeof JobAbout>;

/** As the spec has it: whoever knows the job's secrets takes them out before it is stored. */
export function aboutOf(job: AgentJob): JobAbout {
  const { owner, name: repository } = (job.mode === "coding" ? job.bootstrap?.target : undefined) ?? job.repo;
  return {
    repository: `${owner}/${repository}`,
    branch: job.mode === "coding" ? job.pushBranch : job.branch,
    agent: job.mode === "preview" ? "" : job.agent.kind,
    model: job.model,
    mode: job.mode,
  };
}

/** Bounded, and masked before it is cut: half a secret has no shape. */
export function withoutSecretsIn(about: JobAbout, redact: (text: string) => string): JobAbout {
  const short = (text: string): string => redact(text).slice(0, Limits.aboutChars);
  const { repository, branch, model } = about;
  return { ...about, repository: short(repository), branch: short(branch), model: short(model) };
}
