import { join } from "node:path";
import { type CheckoutPlan, makeCheckout } from "../../../container/git/checkout.ts";
import { createGit } from "../../../container/git/git.ts";
import { openKeptFolders } from "../../../container/git/kept/folders.ts";
import { type KeptTree, keptTreeOf } from "../../../container/git/kept/path.ts";
import { type GitHost, runGit, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { identity, value } from "./desk.ts";

/** A repository at a host and its kept checkout, in which jobs come one after the other. */
export type KeptRig = {
  readonly folder: string;
  readonly host: GitHost;
  readonly tree: KeptTree;
  /** Makes the checkout of the next job, as the harness does; the commit it begins from. */
  readonly nextJob: (plan?: Partial<CheckoutPlan>) => Promise<string>;
  /** Git in the checkout, as an agent would run it. */
  readonly inTree: (...args: string[]) => Promise<string>;
};

export const keep = ["node_modules", ".venv", "target"];

export async function openKeptRig(files?: Parameters<typeof startGitHost>[1]): Promise<KeptRig> {
  const folder = await makeFolder();
  const host = await startGitHost(folder, files);
  const root = join(folder, "workspace");
  const tree = keptTreeOf({ root, keep }, { owner: "octo", name: "app", cloneUrl: host.cloneUrl });
  let jobs = 0;
  return {
    folder,
    host,
    tree,
    inTree: (...args) => runGit(folder, "-C", tree.folder, ...args),
    nextJob: async (plan = {}) => {
      const problem = await openKeptFolders(tree);
      if (problem !== null) throw new Error(problem);
      const git = await createGit({
        folder: join(folder, `job-${++jobs}`, "harness"),
        environment: process.env,
        killGraceMs: 500,
      });
      const made = await makeCheckout(git, {
        remote: host.remote,
        folder: tree.folder,
        kept: tree,
        branch: "main",
        work: { kind: "branch-itself" },
        isFull: false,
        identity,
        timeoutMs: 20_000,
        signal: new AbortController().signal,
        ...plan,
      });
      return value(made).startCommit;
    },
  };
}
