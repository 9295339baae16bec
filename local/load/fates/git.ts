/** Git hosts and hosting APIs that refuse, hang, or have moved on. */
import { runGit } from "../../git-server/git.ts";
import type { Fate, Scene } from "../fate.ts";
import { fixing, workingOnceLost } from "../scripts.ts";
import { kill } from "./done.ts";

export const gitFates: readonly Fate[] = [
  {
    name: "clone-refused",
    ownHost: true,
    by: "the git host answers 401 to the clone",
    titles: ["Clean up the feature flags", "Pin the base image"],
    comesTo: { kind: "ends", code: "git-failed" },
    script: fixing,
    happens: ({ git }) => Promise.resolve(void git.refuse("fetch", { kind: "unauthorized" })),
  },
  {
    name: "push-declined",
    ownHost: true,
    by: "the git host's hook declines the push",
    titles: ["Raise the coverage of the parser", "Delete the legacy gateway"],
    comesTo: { kind: "ends", code: "git-failed" },
    script: fixing,
    happens: ({ git }) =>
      Promise.resolve(
        void git.refuse("push", { kind: "declined", reason: "protected branch: two reviews are needed" }),
      ),
  },
  {
    name: "pull-refused",
    by: "the hosting API refuses the pull request: its base is no branch",
    titles: ["Backport the rounding fix", "Merge the hotfix into develop"],
    comesTo: { kind: "ends", code: "api-failed" },
    spec: ({ repository }) => ({ repo: repoOf(repository, "develop") }),
    script: fixing,
  },
  {
    name: "contended",
    by: "somebody pushes to the job's branch while the agent works",
    titles: ["Rewrite the shipping calculator"],
    comesTo: { kind: "ends", code: "branch-contended" },
    script: (scene) => {
      const work = fixing(scene);
      let moved: Promise<void> | null = null;
      return async (conversation) => {
        if (conversation.toolResults.length > 2) await (moved ??= moveBranch(scene));
        return work(conversation);
      };
    },
  },
  {
    name: "clone-hangs",
    ownHost: true,
    by: "the git host takes the request for the clone and sends nothing",
    titles: ["Index the product images"],
    comesTo: { kind: "ends", code: "step-timeout" },
    policy: { cloneMs: 15_000 },
    script: fixing,
    happens: ({ git, atEnd }) => {
      const hold = git.hold("fetch");
      atEnd(() => hold.release());
      return Promise.resolve();
    },
  },
  {
    name: "expired",
    ownHost: true,
    by: "SIGKILL of the harness, and from then on the git host answers 401",
    titles: ["Move the ledger to the new schema"],
    comesTo: { kind: "ends", code: "credentials-expired", recoveries: 1 },
    script: workingOnceLost,
    happens: async (scene) => {
      await scene.reached("at-work");
      scene.git.refuse("fetch", { kind: "unauthorized" });
      scene.git.refuse("push", { kind: "unauthorized" });
      await kill(scene, "SIGKILL");
    },
  },
];

function repoOf({ owner, name, cloneUrl }: Scene["repository"], baseBranch: string): object {
  return { owner, name, cloneUrl, baseBranch, provider: "github" };
}

/** Somebody else's commit, made at the host itself. */
async function moveBranch({ git, repository: { owner, name, baseBranch }, branch }: Scene): Promise<void> {
  const path = git.repositoryPath(owner, name);
  const call = (...args: readonly string[]): Promise<string> =>
    runGit(path, ["--git-dir", path, ...args], somebody);
  const commit = await call(
    "commit-tree",
    "-p",
    baseBranch,
    "-m",
    "shipping: by somebody else",
    `${baseBranch}^{tree}`,
  );
  await call("update-ref", `refs/heads/${branch}`, commit);
}

const somebody = {
  GIT_AUTHOR_NAME: "Somebody Else",
  GIT_AUTHOR_EMAIL: "else@holt.invalid",
  GIT_COMMITTER_NAME: "Somebody Else",
  GIT_COMMITTER_EMAIL: "else@holt.invalid",
};
