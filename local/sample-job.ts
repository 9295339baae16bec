import type { SampleRepository } from "./sample/sample.ts";
import { samplePrompt } from "./sample/sample.ts";
import { sampleFix } from "./sample/fix.ts";

export type SampleJobOptions = {
  readonly jobId: string;
  readonly repository: SampleRepository;
  readonly githubUrl: string;
  readonly gitToken: string;
  readonly modelUrl: string;
  readonly modelToken: string;
  readonly model: string;
  /** The branch the work goes to. */
  readonly branch: string;
};

/** The body of one dispatch at the job protocol: fix the sample's failing test, push a branch, open a pull request. */
export function makeSampleJob(options: SampleJobOptions): Record<string, unknown> {
  const { repository, branch } = options;
  return {
    kind: "agent",
    jobId: options.jobId,
    mode: "coding",
    harness: "pi",
    systemPrompt: "You are a careful software engineer. Make the smallest change that fixes the cause.",
    userPrompt: samplePrompt,
    model: options.model,
    proxyBaseUrl: options.modelUrl,
    sessionToken: options.modelToken,
    ghToken: options.gitToken,
    githubApiBase: options.githubUrl,
    repo: {
      owner: repository.owner,
      name: repository.name,
      baseBranch: repository.baseBranch,
      cloneUrl: repository.cloneUrl,
      provider: "github",
    },
    branch: repository.baseBranch,
    newBranch: branch,
    pushBranch: branch,
    pr: { title: sampleFix.commitMessage, body: "Opened by an execution of Holt." },
  };
}
