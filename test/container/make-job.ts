import { JobId } from "../../shared/ids.ts";
import type { CodingJob, ExploreJob, PreviewJob } from "../../shared/job-body.ts";

/** An ordinary coding job as the parser leaves it. */
export function makeJob(given: Partial<CodingJob> = {}): CodingJob {
  return {
    mode: "coding",
    jobId: JobId.parse("run_1-coder"),
    systemPrompt: "You fix what is broken.",
    userPrompt: "Fix the failing test.",
    model: "scripted",
    agent: { kind: "pi", proxyBaseUrl: "http://127.0.0.1:9/v1", sessionToken: "session-token" },
    ghToken: "ghs_test-token_0123456789",
    repo: { owner: "octo", name: "app", baseBranch: "main", cloneUrl: "http://127.0.0.1:9/octo/app.git" },
    branch: "main",
    newBranch: "cat/1",
    pushBranch: "cat/1",
    commitMessage: "Agent changes",
    noChangesIsError: true,
    streamFollowUps: false,
    full: false,
    persistentCheckout: false,
    contextFiles: [],
    webSearch: false,
    ...given,
  };
}

/** An explore job over the same repository. */
export function makeExploreJob(given: Partial<ExploreJob> = {}): ExploreJob {
  return { ...core(), mode: "explore", output: { kind: "prose", failOnUnusableFinal: false }, ...given };
}

/** A preview job over the same repository. */
export function makePreviewJob(given: Partial<PreviewJob> = {}): PreviewJob {
  return { ...core(), mode: "preview", ...given };
}

/** The fields that all modes share. */
function core() {
  const { mode: _mode, newBranch: _newBranch, pushBranch: _pushBranch, ...rest } = makeJob();
  const { commitMessage: _message, noChangesIsError: _isError, ...shared } = rest;
  return shared;
}
