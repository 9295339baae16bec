/** The repositories that the examples speak of, at a git server and a hosting API of the test's own. */

import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GitHub, startGitHub } from "../../local/github/github.ts";
import { type GitServer, startGitServer } from "../../local/git-server/git-server.ts";
import { type Files, ghToken, runGit, writeFiles } from "../container/git-host.ts";

export type Shop = {
  readonly git: GitServer;
  readonly github: GitHub;
  /** Git in a served repository of `acme`. */
  readonly inRepository: (name: string, ...args: readonly string[]) => Promise<string>;
};

/** The branch of the pull request that most examples are about. */
export const prBranch = "holt/exec_7f3a";

const shop: Files = {
  "README.md": "# Shop\n",
  "package.json": '{"name":"shop"}\n',
  "compose.test.yml": "services: {}\n",
  "src/shipping.js": "export const ship = (order) => ({ order });\n",
  "web/package.json": '{"name":"web"}\n',
  "web/mocks/mappings/orders.json": "{}\n",
};

export type ShopOptions = {
  /** The pull request's branch is there. */
  readonly hasPullRequest: boolean;
  /** `main` has changed what the pull request changes. */
  readonly hasConflict: boolean;
};

export async function openShop(folder: string, { hasPullRequest, hasConflict }: ShopOptions): Promise<Shop> {
  const log = (): void => undefined;
  const git = await startGitServer({ root: join(folder, "served"), token: ghToken, log });
  const github = await startGitHub({ token: ghToken, git, log });
  onTestFinished(async () => {
    await github.close();
    await git.close();
  });
  const repositories: Readonly<Record<string, Files>> = {
    shop,
    "service-template": { "README.md": "# Template\n", "package.json": '{"name":"service-template"}\n' },
    returns: { "README.md": "to be replaced\n" },
  };
  for (const [name, files] of Object.entries(repositories)) {
    const source = join(folder, "sources", name);
    await writeFiles(source, files);
    await git.createRepository("acme", name, source, "main");
  }
  const repository = git.repositoryPath("acme", "shop");
  const commit = async (branch: string, text: string): Promise<void> => {
    const elsewhere = join(folder, "elsewhere", branch.replaceAll("/", "-"));
    const inside = (...args: readonly string[]): Promise<string> => runGit(folder, "-C", elsewhere, ...args);
    await runGit(folder, "clone", "-q", "--branch", "main", repository, elsewhere);
    await inside("checkout", "-q", "-B", branch);
    await writeFiles(elsewhere, { "src/shipping.js": text });
    await inside("commit", "-q", "-a", "-m", `Change shipping on ${branch}`);
    await inside("push", "-q", "origin", `HEAD:refs/heads/${branch}`);
  };
  if (hasPullRequest)
    await commit(prBranch, "export const ship = (order, payment) => ({ order, payment });\n");
  if (hasConflict)
    await commit("main", "export const ship = (order, warehouse) => ({ order, warehouse });\n");
  return {
    git,
    github,
    inRepository: (name, ...args) => runGit(folder, "-C", git.repositoryPath("acme", name), ...args),
  };
}
