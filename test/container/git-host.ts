import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { type Git, createGit } from "../../container/git/git.ts";
import { type Remote, toRemote } from "../../container/git/remote.ts";
import { gitEnvironment } from "../../local/git-server/git.ts";
import { type GitServer, startGitServer } from "../../local/git-server/git-server.ts";

export const ghToken = "ghs_test-token_0123456789";

/** A repository `octo/app` with a `main` branch, served over HTTP by the real git. */
export type GitHost = {
  readonly server: GitServer;
  readonly cloneUrl: string;
  readonly remote: Remote;
  /** Commits to a branch as somebody else would, making it off `from` where it is new. */
  readonly commitElsewhere: (branch: string, file: string, from?: string) => Promise<string>;
  /** Git in the served repository. */
  readonly inRepository: (...args: string[]) => Promise<string>;
};

/** Text files of a repository's first commit. */
export type Files = Readonly<Record<string, string>>;

/** A host for one test. */
export async function startGitHost(folder: string, files?: Files): Promise<GitHost> {
  const host = await serveRepository(folder, files);
  onTestFinished(() => host.server.close());
  return host;
}

/** A host that its caller closes. */
export async function serveRepository(
  folder: string,
  files: Files = { "README.md": "hello\n" },
): Promise<GitHost> {
  const source = join(folder, "source");
  await writeFiles(source, files);
  const server = await startGitServer({ root: join(folder, "served"), token: ghToken, log: () => undefined });
  await server.createRepository("octo", "app", source, "main");
  const cloneUrl = server.repositoryUrl("octo", "app");
  const remote = toRemote(cloneUrl, ghToken);
  if (remote === null) throw new Error(`${cloneUrl} is no remote`);
  const repository = server.repositoryPath("octo", "app");
  const inRepository = (...args: string[]): Promise<string> => runGit(folder, "-C", repository, ...args);
  return { server, cloneUrl, remote, inRepository, commitElsewhere };

  async function commitElsewhere(branch: string, file: string, from = branch): Promise<string> {
    const elsewhere = join(folder, `elsewhere-${Math.random()}`);
    const inside = (...args: string[]): Promise<string> => runGit(folder, "-C", elsewhere, ...args);
    await runGit(folder, "clone", "-q", "--branch", from, repository, elsewhere);
    await inside("checkout", "-q", "-B", branch);
    await writeFile(join(elsewhere, file), `${file}\n`);
    await inside("add", "-A");
    await inside("commit", "-q", "-m", `Add ${file}`);
    await inside("push", "-q", "origin", `HEAD:refs/heads/${branch}`);
    return inside("rev-parse", "HEAD");
  }
}

/** Has the server take pushes and die before it says so, until the result is called. */
export async function loseAnswers({ server }: GitHost): Promise<() => Promise<void>> {
  const hook = join(server.repositoryPath("octo", "app"), "hooks", "post-receive");
  const usual = await readFile(hook, "utf8");
  // the hook's parent is what would answer
  await writeFile(hook, `${usual}kill -9 $PPID\n`);
  return () => writeFile(hook, usual);
}

/** Git as a person would run it, away from any configuration of this machine. */
export async function runGit(home: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid"];
  const env = gitEnvironment(home);
  const { stdout } = await execa("git", [...identity, ...args], { env, extendEnv: false, stdin: "ignore" });
  return stdout;
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: content.startsWith("#!") ? 0o755 : 0o644 });
  }
}

export function makeGit(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Git> {
  return createGit({
    folder: join(folder, "harness"),
    environment: { ...process.env, ...env },
    killGraceMs: 500,
  });
}
