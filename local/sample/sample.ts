/** The repository that `npm start` works on: a small real project with one test that fails. */
import { fileURLToPath } from "node:url";
import type { GitServer } from "../git-server/git-server.ts";
import { sampleFix } from "./fix.ts";

export interface SampleRepository {
  readonly owner: string;
  readonly name: string;
  readonly baseBranch: string;
  /** Where to clone it from, without credentials. */
  readonly cloneUrl: string;
  /** The bare repository's folder. */
  readonly path: string;
}

export const sampleProjectDir = fileURLToPath(new URL("project", import.meta.url));

/** In a few words, for a card. */
export const sampleTitle = "Find out why an hour has six minutes, and fix it";

/** What the agent is asked to do. The scripted model does not read it; a real one does. */
export const samplePrompt = `The tests of this project (\`${sampleFix.testCommand}\`) are red. Find out why, fix the cause in the source and not in the test, run the tests again until they are green, and commit.`;

/** Makes the sample project a repository on the git server; one that is there already stays as it is. */
export async function createSampleRepository(
  git: Pick<GitServer, "createRepository" | "hasRepository" | "repositoryPath" | "repositoryUrl">,
  { owner, name, baseBranch } = { owner: "holt", name: "sample", baseBranch: "main" },
): Promise<SampleRepository> {
  if (!git.hasRepository(owner, name)) await git.createRepository(owner, name, sampleProjectDir, baseBranch);
  return {
    owner,
    name,
    baseBranch,
    cloneUrl: git.repositoryUrl(owner, name),
    path: git.repositoryPath(owner, name),
  };
}
