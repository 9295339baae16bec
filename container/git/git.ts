/** Runs git for one job: an environment from scratch, settings that no repository can override, bounded in time. */

import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, relative } from "node:path";
import { type ProcessEnd, runProcess } from "../process.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { type Environment, childEnvironment } from "../process/environment.ts";
import { describeExit, isSuccess } from "../process/exit.ts";
import { type Step, done, failed } from "../process/step.ts";
import { ownerEnvironment } from "./checkout-owner.ts";
import { passwordPromptVariable, writeAskpass } from "./askpass.ts";
import type { Remote } from "./remote.ts";
import { createSeal } from "./seal.ts";
import { gitEnvironment, gitSettings } from "./settings.ts";

export type GitCommand = {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** The network remote this command may speak to, with its token; absent: no protocol at all. */
  readonly remote?: Remote;
  /** A repository on this machine may be read, without credentials. Not together with `remote`. */
  readonly local?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Whose process it is; absent or null: the harness's own user's. Not together with `remote`. */
  readonly user?: AgentUser | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** See `ProcessSpec`; a path in a repository is bytes. */
  readonly encoding?: "utf8" | "latin1";
  readonly onStdout?: (chunk: Uint8Array) => void;
};

export type Git = {
  /** The exit and output of a command, whatever they are. */
  readonly try: (args: readonly string[], command: GitCommand) => Promise<ProcessEnd>;
  /** The output of a command that must succeed. */
  readonly run: (args: readonly string[], command: GitCommand) => Promise<Step<string>>;
  /** Sessions of the commands under way. */
  readonly sessions: () => readonly number[];
  /** From here on no command reaches the network unless these paths are as they are at this moment. */
  readonly seal: (paths: readonly string[]) => Promise<void>;
};

/** Commands that speak to no network. */
export const localGitMs = 60_000;

/**
 * A git for one job. `folder` is made, belongs to the harness alone, and holds git's empty home and its askpass program.
 * It reads no repository of another owner's.
 */
export async function createGit(options: {
  readonly folder: string;
  readonly environment: Environment;
  readonly killGraceMs: number;
}): Promise<Git> {
  const askpass = join(options.folder, "askpass");
  const home = join(options.folder, "home");
  const globalConfig = join(home, "gitconfig");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeAskpass(askpass);
  await writeFile(globalConfig, "");
  const seal = createSeal();
  await seal.add([askpass, globalConfig]);
  const sessions = new Set<number>();
  // a repository somewhere above would have a say in commands that need none
  const ceilings = [dirname(options.folder), dirname(dirname(options.folder))].join(delimiter);

  const tryGit = async (args: readonly string[], command: GitCommand): Promise<ProcessEnd> => {
    const broken = command.remote === undefined ? null : await seal.findBroken();
    if (broken !== null) return refuse(`'${relative(options.folder, broken)}' of the harness was changed`);
    const isOwners = command.user != null;
    if (isOwners && command.remote !== undefined) return refuse("a token is the harness's alone");
    const started: number[] = [];
    const end = await runProcess({
      file: "git",
      args: [...gitSettings, ...args],
      cwd: command.cwd,
      env: childEnvironment(options.environment, {
        ...(isOwners ? ownerEnvironment : gitEnvironment(home)),
        GIT_CEILING_DIRECTORIES: ceilings,
        GIT_ALLOW_PROTOCOL: allowedProtocol(command),
        ...(command.remote !== undefined && {
          GIT_ASKPASS: askpass,
          [passwordPromptVariable]: command.remote.passwordPrompt,
        }),
        ...command.env,
      }),
      user: command.user ?? null,
      ...(command.remote !== undefined && { secret: command.remote.token }),
      ...(command.input !== undefined && { input: command.input }),
      ...(command.encoding !== undefined && { encoding: command.encoding }),
      ...(command.onStdout !== undefined && { onStdout: command.onStdout }),
      ...(command.signal !== undefined && { signal: command.signal }),
      timeoutMs: command.timeoutMs,
      killGraceMs: options.killGraceMs,
      onStart: (pid) => {
        started.push(pid);
        sessions.add(pid);
      },
    });
    for (const pid of started) sessions.delete(pid);
    return end;
  };

  return {
    try: tryGit,
    run: async (args, command) => {
      const end = await tryGit(args, command);
      return isSuccess(end.exit) ? done(end.stdout) : gitFailure(args, end);
    },
    sessions: () => [...sessions],
    seal: seal.add,
  };
}

/** The end of a command that was not started. */
function refuse(error: string): ProcessEnd {
  return { exit: { kind: "spawn-failed", error }, stdout: "", stderrLines: [] };
}

/** The text of a failed command: what was run, how it ended where that is not plain, and what git said. */
export function gitFailure(args: readonly string[], end: ProcessEnd): Step<never> {
  const how = end.exit.kind === "exited" ? [] : [`git ${describeExit(end.exit)}`];
  const lines = [`Command failed: git ${args.join(" ")}`, ...how, ...end.stderrLines];
  return failed("git", lines.join("\n"));
}

/** A name that is no protocol stands for none: an empty list would count as no list. */
function allowedProtocol(command: GitCommand): string {
  if (command.remote !== undefined) return command.remote.protocol;
  return command.local === true ? "file" : "none";
}
