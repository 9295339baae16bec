import { type Sides, importSides } from "../git/merge-desk.ts";
import { type Studio, type StudioOptions, openStudio } from "./studio.ts";

/** Both change the greeting; the base has a file of its own besides. */
export const sides: Sides = {
  start: { "README.md": "hello\n", "a.txt": "a\n" },
  branch: { "README.md": "hello branch\n" },
  base: { "README.md": "hello base\n", "new.txt": "new\n" },
};

export const resolve = "echo hello branch and base > README.md";

/** A job that merges `main` into `cat/1`. */
export function openMergeJob(options: StudioOptions & { readonly sides?: Sides }): Promise<Studio> {
  return openStudio({
    ...options,
    job: {
      branch: "cat/1",
      pushBranch: "cat/1",
      newBranch: undefined,
      pr: undefined,
      mergeBase: "main",
      userPrompt: "  The pull request greets branches.  ",
      ...options.job,
    },
    before: async (host) => {
      const repository = host.server.repositoryPath("octo", "app");
      if (options.earlier === undefined) {
        await importSides(repository, "refs/heads/main", options.sides ?? sides);
      }
      await options.before?.(host);
    },
  });
}
