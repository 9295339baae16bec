import type { AgentJob } from "./agent-job.ts";

export type JobFlow = "explore" | "coding" | "conflict" | "bootstrap" | "preview";

/** The flow that carries a job out; `bootstrap` wins over `mergeBase`. */
export function flowOf(job: AgentJob): JobFlow {
  if (job.mode !== "coding") return job.mode;
  if (job.bootstrap !== undefined) return "bootstrap";
  return job.mergeBase === undefined ? "coding" : "conflict";
}

const flowNames: Readonly<Record<JobFlow, string>> = {
  explore: "an explore job",
  coding: "a coding job",
  conflict: "a conflict-resolution job",
  bootstrap: "a bootstrap job",
  preview: "a preview",
};

/** Fields that a job carries and its flow has no use for, as warnings; the job is carried out without them. */
export function fieldsWithoutEffect(job: AgentJob): readonly string[] {
  const flow = flowOf(job);
  const hasAgent = flow !== "preview";
  const isCoding = job.mode === "coding";
  const pushesToWorkBranch = flow === "coding";
  const given: ReadonlyArray<readonly [path: string, isGiven: boolean, hasEffect: boolean]> = [
    ["webSearch", job.webSearch, hasAgent],
    ["guardLimits", job.guardLimits !== undefined, hasAgent],
    ["streamFollowUps", job.streamFollowUps, hasAgent],
    ["contextFiles", job.contextFiles.length > 0, hasAgent],
    ["infra", job.infra !== undefined, !isCoding],
    ["persistentCheckout", job.persistentCheckout, flow === "explore" || flow === "coding"],
    ["pr", isCoding && job.pr !== undefined, pushesToWorkBranch],
    ["newBranch", isCoding && job.newBranch !== undefined, pushesToWorkBranch],
    ["mergeBase", isCoding && job.mergeBase !== undefined, flow === "conflict"],
    [
      "repo.serviceDirectory",
      job.repo.serviceDirectory !== undefined,
      flow !== "bootstrap" && flow !== "conflict",
    ],
  ];
  return given
    .filter(([, isGiven, hasEffect]) => isGiven && !hasEffect)
    .map(([path]) => `'${path}' has no effect in ${flowNames[flow]}.`);
}
