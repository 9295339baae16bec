/** Git hosts of a load: one that its jobs share, and one of its own for each job whose fate is made there. */
import { join } from "node:path";
import { Closers } from "../closers.ts";
import { type GitHub, startGitHub } from "../github/github.ts";
import { type GitServer, startGitServer } from "../git-server/git-server.ts";
import { createSampleRepository, type SampleRepository } from "../sample/sample.ts";
import type { PlannedJob } from "./plan.ts";

export type Ground = {
  readonly git: GitServer;
  readonly github: GitHub;
  readonly repository: SampleRepository;
};

export type Grounds = {
  readonly groundOf: (job: PlannedJob) => Promise<Ground>;
  readonly close: () => Promise<void>;
};

export function openGrounds(options: {
  /** Folder for the repositories; belongs to the load. */
  readonly dir: string;
  readonly token: string;
  readonly log: (line: string) => void;
}): Grounds {
  const { dir, token, log } = options;
  const closers = new Closers();
  let shared: Promise<Host> | null = null;
  const repositories = new Map<string, Promise<SampleRepository>>();
  const open = async (name: string): Promise<Host> => {
    const git = await startGitServer({ root: join(dir, name), token, log });
    closers.add(() => git.close());
    const github = await startGitHub({ token, git, log });
    closers.add(github.close);
    return { git, github };
  };
  return {
    groundOf: async ({ fate, project, jobId }) => {
      const isOwn = fate.ownHost === true;
      const host = await (isOwn ? open(jobId) : (shared ??= open("shared")));
      const { owner, repository: name } = project;
      const key = isOwn ? jobId : `${owner}/${name}`;
      const made =
        repositories.get(key) ?? createSampleRepository(host.git, { owner, name, baseBranch: "main" });
      repositories.set(key, made);
      return { ...host, repository: await made };
    },
    close: () => closers.closeAll(),
  };
}

type Host = Pick<Ground, "git" | "github">;
