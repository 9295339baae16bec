import type { AgentJob } from "./agent-job.ts";
import { guessProvider } from "./hosts.ts";

export type JobFlow = "explore" | "coding" | "conflict" | "bootstrap" | "preview";

/** The flow that carries a job out; `bootstrap` wins over `mergeBase`. */
export function flowOf(job: AgentJob): JobFlow {
  if (job.mode !== "coding") return job.mode;
  if (job.bootstrap !== undefined) return "bootstrap";
  return job.mergeBase === undefined ? "coding" : "conflict";
}

const flowNames: Readonly<Record<Exclude<JobFlow, "coding">, string>> = {
  explore: "Explore jobs",
  conflict: "Conflict-resolution jobs ('mergeBase')",
  bootstrap: "Bootstrap jobs",
  preview: "Preview jobs",
};

/** Why this version cannot carry a job out, as one sentence; null where it can. */
export function unavailableReason(job: AgentJob): string | null {
  const flow = flowOf(job);
  if (flow !== "coding") return `${flowNames[flow]} are not available yet.`;
  if (job.agent.kind !== "pi") return `The agent '${job.agent.kind}' is not available yet; 'pi' is.`;
  const opensPullRequest = job.mode === "coding" && job.pr !== undefined;
  if (opensPullRequest && (job.repo.provider ?? guessProvider(job.repo.cloneUrl)) === "gitlab") {
    return "Merge requests on GitLab are not available yet.";
  }
  return null;
}

/**
 * Fields that an ordinary coding job may carry and this version does not act on, as warnings; the job is carried out
 * without them.
 */
export function fieldsWithoutEffect(job: AgentJob): readonly string[] {
  const given: ReadonlyArray<readonly [string, boolean]> = [
    ["webSearch", job.webSearch],
    ["guardLimits", job.guardLimits !== undefined],
    ["streamFollowUps", job.streamFollowUps],
    ["infra", job.mode === "coding" && job.infra !== undefined],
    ["persistentCheckout", job.persistentCheckout],
  ];
  return given.filter(([, isGiven]) => isGiven).map(([path]) => `'${path}' has no effect yet.`);
}
