import { guessProvider } from "../../shared/job-body.ts";
import type { AgentJob } from "../../shared/job-body.ts";
import type { Step } from "../process/step.ts";
import type { HostingDeps } from "./answers.ts";
import { openPullRequest } from "./github.ts";
import { openMergeRequest } from "./gitlab.ts";

/** A pushed branch that is to be merged into another of the same repository. */
export type ChangeRequest = {
  readonly repo: AgentJob["repo"];
  /** Ignored by GitLab, whose API stands beside the repository. */
  readonly githubApiBase: string | undefined;
  readonly token: string;
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
};

/**
 * Opens a pull request on GitHub or a merge request on GitLab, or finds the one that is open, and returns its address.
 * Idempotent. Every failure is of cause `api`.
 */
export function openChangeRequest(change: ChangeRequest, deps: HostingDeps): Promise<Step<string>> {
  const { repo, token, title, body, head, base } = change;
  if ((repo.provider ?? guessProvider(repo.cloneUrl)) === "gitlab") {
    return openMergeRequest(
      {
        cloneUrl: repo.cloneUrl,
        token,
        title,
        description: body,
        sourceBranch: head,
        targetBranch: base,
      },
      deps,
    );
  }
  return openPullRequest(
    { apiBase: change.githubApiBase, token, owner: repo.owner, repo: repo.name, title, body, head, base },
    deps,
  );
}
