/** A served repository and a client for each test, on real git and real sockets. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test as base } from "vitest";
import type { GitServer } from "../../../local/git-server/git-server.ts";
import { startGitServer } from "../../../local/git-server/git-server.ts";
import { createSampleRepository } from "../../../local/sample/sample.ts";

export const token = "git-token-of-a-test";

export interface GitClient {
  /** Runs git in `dir` and gives its standard output; a failure throws. */
  run(dir: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs what must fail, and gives its standard error. */
  fail(dir: string, args: readonly string[]): Promise<string>;
}

export const test = base
  // oxlint-disable-next-line no-empty-pattern -- vitest takes the fixtures a fixture needs from this pattern
  .extend("folder", async ({}, { onCleanup }) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "holt-test-")));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    return folder;
  })
  .extend("server", async ({ folder }, { onCleanup }): Promise<GitServer> => {
    const server = await startGitServer({ root: join(folder, "served"), token, log: () => undefined });
    onCleanup(() => server.close());
    return server;
  })
  .extend("sample", ({ server }) => createSampleRepository(server))
  .extend("git", ({ folder }) => createGitClient(folder));

/** The clone URL with credentials in it: git first asks without them, as every client does. */
export function withCredentials(url: string, password = token): string {
  return url.replace("http://", `http://x-access-token:${password}@`);
}

export function createGitClient(home: string): GitClient {
  const run = (dir: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    execa("git", args, {
      cwd: dir,
      reject: false,
      extendEnv: false,
      env: { ...clientEnvironment(home), ...environment },
    });
  return {
    async run(dir, args, environment) {
      const { failed, stdout, stderr } = await run(dir, args, environment);
      if (failed) throw new Error(`git ${args.join(" ")}: ${stderr}`);
      return stdout;
    },
    async fail(dir, args) {
      const { failed, stderr } = await run(dir, args);
      if (!failed) throw new Error(`git ${args.join(" ")} went through`);
      return stderr;
    },
  };
}

export function clientEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@holt.invalid",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@holt.invalid",
  };
}
