/** The bare repositories under one folder: `ROOT/OWNER/NAME.git`. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runGit } from "./git.ts";
import { installHooks } from "./hooks.ts";

/** A constant author and date make the first commit of a sample the same on every machine. */
const firstCommit = {
  GIT_AUTHOR_NAME: "Holt sample",
  GIT_AUTHOR_EMAIL: "sample@holt.invalid",
  GIT_AUTHOR_DATE: "2026-10-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Holt sample",
  GIT_COMMITTER_EMAIL: "sample@holt.invalid",
  GIT_COMMITTER_DATE: "2026-10-01T00:00:00Z",
};

export function pathOf(root: string, owner: string, name: string): string {
  return join(root, owner, `${name}.git`);
}

export function repositoryExists(root: string, owner: string, name: string): boolean {
  return existsSync(join(pathOf(root, owner, name), "HEAD"));
}

/**
 * One commit with the files of `fromDir` (what its `.gitignore` ignores left out) on `branch`, which becomes the default.
 * It appears under its path at once and whole, so that an interrupted call leaves nothing that looks like a repository.
 */
export async function createBareRepository(path: string, fromDir: string, branch: string): Promise<void> {
  const home = dirname(path);
  const draft = `${path}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  await runGit(home, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, draft]);
  const git = ["--git-dir", draft, "--work-tree", fromDir];
  await runGit(home, [...git, "add", "--all", "."]);
  await runGit(home, [...git, "commit", "--quiet", "--message", "Import the sample project"], firstCommit);
  // A bare repository has no index; git would take the leftover one for changes that wait to be committed.
  await rm(join(draft, "index"));
  await runGit(home, ["--git-dir", draft, "config", "http.receivepack", "true"]);
  await installHooks(draft);
  await rename(draft, path);
}

/** The commit a branch points at; undefined when there is no such branch or repository. */
export async function readBranch(path: string, branch: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return await runGit(path, [
      "--git-dir",
      path,
      "rev-parse",
      "--verify",
      "--quiet",
      `refs/heads/${branch}^{commit}`,
    ]);
  } catch {
    // `rev-parse --verify` has no other way to say that a ref is missing.
    return undefined;
  }
}

/** How many commits `head` has that `base` has not. */
export async function countCommits(path: string, base: string, head: string): Promise<number> {
  const range = `refs/heads/${base}..refs/heads/${head}`;
  return Number(await runGit(path, ["--git-dir", path, "rev-list", "--count", range]));
}
