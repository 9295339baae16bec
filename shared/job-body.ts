/** The job body of the job protocol: what is accepted, dropped with a warning, and refused, in the original's order. */

import { JobId } from "./ids.ts";
import type { AgentJob } from "./job-body/agent-job.ts";
import { parseCodingFields, parsePullRequestAndBootstrap } from "./job-body/coding.ts";
import { parseOutput } from "./job-body/explore.ts";
import { parseExtras } from "./job-body/extras.ts";
import { checkGitUrl } from "./job-body/hosts.ts";
import { parseInfra } from "./job-body/infra.ts";
import {
  type Fields,
  type Intake,
  createIntake,
  flag,
  isFields,
  optionalString,
  own,
  requireText,
} from "./job-body/intake.ts";
import { parseAgent, parsePrompts } from "./job-body/prompts-and-agent.ts";
import { checkBranchName } from "./job-body/refs.ts";
import { parseRepo } from "./job-body/repo.ts";

export { AgentJob, CodingJob, ExploreJob, PreviewJob } from "./job-body/agent-job.ts";
export { FrontendInfra } from "./job-body/frontend-infra.ts";
export { JobInfra, ServiceInfra } from "./job-body/infra.ts";
export { type JobFlow, fieldsWithoutEffect, flowOf } from "./job-body/flow.ts";
export { type HostEnv, allowedGithubHosts, guessProvider } from "./job-body/hosts.ts";
export { isBranchName } from "./job-body/refs.ts";

export type ParsedJobBody =
  | { readonly ok: true; readonly job: AgentJob; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly error: string };

/**
 * Parses one dispatch body. The first refusal in the contract's order is the one told. Unknown fields are ignored; the
 * caller that passes a job on keeps the body itself. Expects a body whose nesting has been bounded.
 */
export function parseJobBody(
  body: unknown,
  options: { readonly allowedHosts: readonly string[] },
): ParsedJobBody {
  const intake = createIntake();
  const job = isFields(body) ? parseFields(intake, body, options.allowedHosts) : null;
  if (job === null) intake.refuse("body must be an object");
  const refusal = intake.refusal();
  if (job === null || refusal !== null) return { ok: false, error: refusal ?? "Invalid job" };
  return { ok: true, job, warnings: intake.warnings() };
}

function parseFields(intake: Intake, body: Fields, allowedHosts: readonly string[]): AgentJob {
  const mode = parseMode(intake, own(body, "mode"));
  const early = parsePullRequestAndBootstrap(intake, body);
  const core = parseCore(intake, body, mode === "preview");
  const githubApiBase = parseApiBase(intake, body);
  const targetUrl = early.bootstrap?.target.cloneUrl;
  checkGitUrls(intake, allowedHosts, [
    ["repo.cloneUrl", core.repo.cloneUrl],
    ["githubApiBase", githubApiBase],
    ["bootstrap.target.cloneUrl", targetUrl],
  ]);
  const all = {
    ...core,
    ...(githubApiBase !== undefined && { githubApiBase }),
    ...parseOptions(intake, body),
  };
  if (mode === "explore") return { mode, ...all, output: parseOutput(intake, body) };
  if (mode === "preview") return { mode, ...all };
  return { mode, ...all, ...parseCodingFields(intake, { body, branch: core.branch, early }) };
}

/** What every job must say, in the order in which its absence is told. */
function parseCore(intake: Intake, body: Fields, isPreview: boolean) {
  const jobId = parseJobId(intake, body);
  const prompts = parsePrompts(intake, body, isPreview);
  const agent = parseAgent(intake, body);
  const ghToken = requireText(intake, body, "ghToken");
  const repo = parseRepo(intake, body);
  const branch = requireText(intake, body, "branch");
  checkBranchName(intake, branch, "branch");
  return { jobId, ...prompts, agent, ghToken, repo, branch };
}

function parseOptions(intake: Intake, body: Fields) {
  const infra = parseInfra(intake, body);
  return {
    full: flag(intake, body, "full"),
    persistentCheckout: flag(intake, body, "persistentCheckout"),
    ...(infra !== undefined && { infra }),
    ...parseExtras(intake, body),
  };
}

/** An empty base would be no URL to send a request to, so it means the default, like an absent one. */
function parseApiBase(intake: Intake, body: Fields): string | undefined {
  const base = optionalString(intake, body, "githubApiBase");
  return base === "" ? undefined : base;
}

function checkGitUrls(
  intake: Intake,
  allowedHosts: readonly string[],
  urls: ReadonlyArray<readonly [path: string, url: string | undefined]>,
): void {
  for (const [path, url] of urls) {
    if (url !== undefined) checkGitUrl(intake, { url, path, allowedHosts });
  }
}

function parseMode(intake: Intake, value: unknown): AgentJob["mode"] {
  if (value === "explore" || value === "coding" || value === "preview") return value;
  intake.refuse("'mode' must be 'explore', 'coding' or 'preview'");
  return "explore";
}

function parseJobId(intake: Intake, body: Fields): JobId {
  const value = requireText(intake, body, "jobId");
  if (!JobId.safeParse(value).success) intake.refuse("'jobId' must be 1 to 256 printable characters");
  return value;
}
