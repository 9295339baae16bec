import { join } from "node:path";
import { type Files, type GitHost, runGit, startGitHost, writeFiles } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { type Studio, type StudioOptions, openStudio } from "./studio.ts";

export type BootstrapStudio = Studio & {
  /** Git in the target's repository. */
  readonly inTarget: (...args: string[]) => Promise<string>;
  readonly targetHead: () => Promise<string | undefined>;
  readonly filesOfTarget: () => Promise<readonly string[]>;
};

type BootstrapOptions = Pick<StudioOptions, "agent" | "job" | "limits" | "user"> & {
  readonly fromScratch?: boolean;
  /** Of the reference. */
  readonly files?: Files;
  readonly before?: (host: GitHost) => Promise<unknown>;
  readonly target?: string;
};

/** A job that makes `octo/new` out of `octo/app` or of nothing. */
export async function openBootstrap(options: BootstrapOptions): Promise<BootstrapStudio> {
  const { files, fromScratch = false, before, target = "new", job, ...rest } = options;
  const host = await startGitHost(await makeFolder(), files);
  const seed = join(await makeFolder(), "seed");
  await writeFiles(seed, { "seed.txt": "seed\n" });
  await host.server.createRepository("octo", "new", seed, "main");
  const folder = host.server.repositoryPath("octo", "new");
  const inTarget = (...args: string[]): Promise<string> => runGit(folder, "-C", folder, ...args);
  await inTarget("update-ref", "-d", "refs/heads/main");
  await before?.(host);
  const cloneUrl = host.server.repositoryUrl("octo", target);
  const studio = await openStudio({
    ...rest,
    host,
    job: {
      newBranch: undefined,
      pr: undefined,
      bootstrap: { target: { owner: "octo", name: target, cloneUrl, defaultBranch: "main" }, fromScratch },
      ...job,
    },
  });
  return {
    ...studio,
    inTarget,
    targetHead: () => host.server.branch("octo", "new", "main"),
    filesOfTarget: async () => (await inTarget("ls-tree", "-r", "--name-only", "main")).split("\n"),
  };
}
