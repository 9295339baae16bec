/** Everything outside Holt that the demo and the end-to-end tests need, on loopback: engine, git host, hosting API, model. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Closers } from "./closers.ts";
import { type Engine, startEngine } from "./engine/engine.ts";
import { type GitHub, startGitHub } from "./github/github.ts";
import { type GitServer, startGitServer } from "./git-server/git-server.ts";
import { type ModelServer, startModelServer } from "./model/model-server.ts";
import type { Script } from "./model/script.ts";

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

export type StandInOptions = {
  /** Folder for repositories and containers. */
  readonly stateDir: string;
  readonly script: Script;
  readonly tokens: StandInTokens;
  readonly log: (line: string) => void;
  readonly output?: (containerName: string, line: string) => void;
  /** Further environment of every container. */
  readonly containerEnv?: Readonly<Record<string, string>>;
};

/** What the stand-ins accept: the job's credentials. */
export type StandInTokens = { readonly git: string; readonly model: string };

export type StandIns = {
  readonly engine: Engine;
  readonly git: GitServer;
  readonly github: GitHub;
  readonly model: ModelServer;
  readonly close: () => Promise<void>;
};

/** Starts all of them or none. */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { stateDir, script, tokens, log, output } = options;
  const closers = new Closers();
  const kept = <T extends { readonly close: () => Promise<void> }>(started: T): T => {
    closers.add(started.close);
    return started;
  };
  try {
    const git = kept(await startGitServer({ root: join(stateDir, "repositories"), token: tokens.git, log }));
    const github = kept(await startGitHub({ token: tokens.git, git, log }));
    const model = kept(await startModelServer({ script, token: tokens.model, log }));
    // Closed first: what runs in its containers talks to the others.
    const engine = kept(
      await startEngine({
        stateDir: join(stateDir, "containers"),
        log,
        env: {
          PATH: `${join(projectRoot, "node_modules/.bin")}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
          // A container's port is its own; a process's is the machine's, and open until its first job brings a key.
          HARNESS_HOST: "127.0.0.1",
          ...options.containerEnv,
        },
        ...(output === undefined ? {} : { output }),
      }),
    );
    return { engine, git, github, model, close: () => closers.closeAll() };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}
