import * as z from "zod";
import type { AgentJob } from "./job-body/agent-job.ts";
import { guessProvider } from "./job-body/hosts.ts";
import { Limits } from "./limits.ts";

const name = z.string().max(Limits.aboutChars);
const webAddress = z.string().max(Limits.aboutUrlChars);

/** What of a job's spec may be shown: names, and nothing that opens anything. */
export const JobAbout = z
  .object({
    /** `owner/name`; of a bootstrap the repository that is set up. */
    repository: name,
    /** Where the work goes, or what is looked at. */
    branch: name,
    /** The branch's page at its host; absent where the clone URL is not `https:`, or the address is too long or a secret. */
    branchUrl: webAddress.optional(),
    /** Empty in previews, which run none. */
    agent: z.enum(["pi", "claude-code", "codex", ""]),
    model: name,
    mode: z.enum(["explore", "coding", "preview"]),
  })
  .meta({ id: "JobAbout", description: "What of a job's spec may be shown: names only." });
export type JobAbout = z.infer<typeof JobAbout>;

/** As the spec has it: whoever knows the job's secrets takes them out before it is stored. */
export function aboutOf(job: AgentJob): JobAbout {
  const target = job.mode === "coding" ? job.bootstrap?.target : undefined;
  const { owner, name: repository, cloneUrl } = target ?? job.repo;
  const branch = job.mode === "coding" ? job.pushBranch : job.branch;
  const branchUrl = branchUrlOf(cloneUrl, branch, job.repo.provider);
  return {
    repository: `${owner}/${repository}`,
    branch,
    ...(branchUrl !== null && { branchUrl }),
    agent: job.mode === "preview" ? "" : job.agent.kind,
    model: job.model,
    mode: job.mode,
  };
}

/** Bounded, and masked before it is cut: half a secret has no shape. An address is whole or left out. */
export function withoutSecretsIn(about: JobAbout, redact: (text: string) => string): JobAbout {
  const short = (text: string): string => redact(text).slice(0, Limits.aboutChars);
  const { branchUrl, ...names } = about;
  const { repository, branch, model } = names;
  const isShown =
    branchUrl !== undefined && branchUrl.length <= Limits.aboutUrlChars && redact(branchUrl) === branchUrl;
  return {
    ...names,
    repository: short(repository),
    branch: short(branch),
    model: short(model),
    ...(isShown && { branchUrl }),
  };
}

/** Without the credentials that a clone URL may have. */
function branchUrlOf(
  cloneUrl: string,
  branch: string,
  provider: AgentJob["repo"]["provider"],
): string | null {
  const url = URL.parse(cloneUrl);
  if (url === null || url.protocol !== "https:") return null;
  const isGitLab = (provider ?? guessProvider(cloneUrl)) === "gitlab";
  const repository = url.pathname.replace(/(?:\.git)?\/*$/, "");
  const path = branch.split("/").map(encodeURIComponent).join("/");
  return `${url.origin}${repository}${isGitLab ? "/-/tree/" : "/tree/"}${path}`;
}
