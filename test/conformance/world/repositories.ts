/** The repositories of the kit's jobs: a git server of their own, with the branches that rows need. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { gitEnvironment, runGit } from "../../../local/git-server/git.ts";
import { type GitServer, startGitServer } from "../../../local/git-server/git-server.ts";

export const owner = "kit";
export const repository = "app";

export type Repositories = {
  readonly server: GitServer;
  readonly cloneUrl: (name?: string) => string;
  /** Adds one commit with these files on top of `from`, as the new branch `branch`. */
  readonly branch: (branch: NewBranch) => Promise<void>;
  /** An empty repository, for a new history. */
  readonly empty: (name: string) => Promise<void>;
  /** Output of git in the served repository. */
  readonly git: (name: string, ...args: readonly string[]) => Promise<string>;
  /** The text of a file on a branch; undefined where there is none. */
  readonly file: (branch: string, path: string, name?: string) => Promise<string | undefined>;
  readonly head: (branch: string, name?: string) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
};

export type NewBranch = {
  readonly name: string;
  /** A branch, or a commit of one (`main~1`). */
  readonly from: string;
  readonly files: Readonly<Record<string, string>>;
  /** Links by their path, with where they lead. */
  readonly links?: Readonly<Record<string, string>>;
};

/** `main` has two commits; `main~1` has `shared.txt` as a branch that conflicts begins from. */
const first = {
  "README.md": "The repository of a conformance kit.\n",
  "shared.txt": "one\n",
  "packages/api/index.txt": "api\n",
} as const;

export async function openRepositories(token: string): Promise<Repositories> {
  const root = await mkdtemp(join(tmpdir(), "holt-conformance-git-"));
  const server = await startGitServer({ root, token, takesAnyUser: true, log: () => undefined });
  const source = join(root, "source");
  for (const [path, text] of Object.entries(first)) {
    await mkdir(join(source, path, ".."), { recursive: true });
    await writeFile(join(source, path), text);
  }
  await server.createRepository(owner, repository, source, "main");
  const at = (name: string): readonly string[] => ["--git-dir", server.repositoryPath(owner, name)];
  const git = (name: string, ...args: readonly string[]): Promise<string> =>
    runGit(root, [...at(name), ...args]);
  const importStream = async (input: string): Promise<void> => {
    await execa("git", [...at(repository), "fast-import", "--quiet"], {
      input,
      env: gitEnvironment(root),
      extendEnv: false,
    });
  };
  await importStream(toStream({ name: "main", from: "main", files: { "shared.txt": "main\n" } }));
  return {
    server,
    cloneUrl: (name = repository) => server.repositoryUrl(owner, name),
    branch: (branch) => importStream(toStream(branch)),
    empty: async (name) => {
      const path = server.repositoryPath(owner, name);
      await runGit(root, ["init", "--quiet", "--bare", "--initial-branch=main", path]);
      await git(name, "config", "http.receivepack", "true");
    },
    git,
    file: (branch, path, name = repository) =>
      git(name, "show", `refs/heads/${branch}:${path}`).catch(() => undefined),
    head: (branch, name = repository) => server.branch(owner, name, branch),
    close: async () => {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** One commit as `git fast-import` reads it: one process, no checkout. */
function toStream({ name, from, files, links = {} }: NewBranch): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const change = (mode: string, path: string, text: string): string =>
    `M ${mode} inline ${path}\n${data(text)}`;
  return [
    `commit refs/heads/${name}\n`,
    "committer Kit <kit@example.invalid> 1767225600 +0000\n",
    data(`Begin ${name}`),
    `from refs/heads/${from.replace(/~1$/, "")}${from.endsWith("~1") ? "~1" : "^0"}\n`,
    ...Object.entries(files).map(([path, text]) => change("100644", path, text)),
    ...Object.entries(links).map(([path, target]) => change("120000", path, target)),
    "\ndone\n",
  ].join("");
}
