/** What the real programs work against: git, a hosting API, the harness. All of it on this machine. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitServer, startGitServer } from "../../local/git-server/git-server.ts";
import { type GitHub, startGitHub } from "../../local/github/github.ts";
import { runGit, writeFiles } from "../container/git-host.ts";
import { type HarnessProcess, startHarnessProcess } from "./harness-process.ts";

export type World = {
  /** Every user of the machine may pass through it. */
  readonly folder: string;
  readonly git: GitServer;
  readonly github: GitHub;
  readonly harness: HarnessProcess;
  /** The user id that agents work as; null: the harness's own user's. */
  readonly agentUser: number | null;
  /** Serves a folder's files as a repository; resolves with the `repo` of a job. */
  readonly serve: (name: string, source: string) => Promise<Readonly<Record<string, string>>>;
  /** Git in a served repository. */
  readonly gitIn: (name: string, ...args: string[]) => Promise<string>;
  /** Commits files to a branch, which is made off `from` where it is new. */
  readonly commit: (name: string, commit: Commit) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type Commit = {
  readonly branch: string;
  readonly from: string;
  readonly files: Readonly<Record<string, string>>;
};

export const gitToken = "git-token-0123456789";
const owner = "octo";

export async function openWorld(agentUser: number | null): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "holt-agents-"));
  await chmod(folder, 0o711);
  const temporary = join(folder, "tmp");
  await mkdir(temporary, { mode: 0o711 });
  const log = (): void => undefined;
  const git = await startGitServer({ root: join(folder, "served"), token: gitToken, log });
  const github = await startGitHub({ token: gitToken, git, log });
  const harness = await startHarnessProcess({ temporary, agentUser });
  return {
    folder,
    git,
    github,
    harness,
    agentUser,
    async serve(name, source) {
      await git.createRepository(owner, name, source, "main");
      return {
        owner,
        name,
        baseBranch: "main",
        cloneUrl: git.repositoryUrl(owner, name),
        provider: "github",
      };
    },
    gitIn: (name, ...args) => runGit(folder, "-C", git.repositoryPath(owner, name), ...args),
    async commit(name, { branch, from, files }) {
      const clone = await mkdtemp(join(folder, "clone-"));
      const inClone = (...args: string[]): Promise<string> => runGit(folder, "-C", clone, ...args);
      await runGit(folder, "clone", "-q", "--branch", from, git.repositoryPath(owner, name), clone);
      await inClone("checkout", "-q", "-B", branch);
      await writeFiles(clone, files);
      await inClone("add", "-A");
      await inClone("commit", "-q", "-m", `Change ${Object.keys(files).join(", ")}`);
      await inClone("push", "-q", "origin", `HEAD:refs/heads/${branch}`);
    },
    async close() {
      await harness.close();
      await github.close();
      await git.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
