/** The processes of one stand-up: commands that end, servers that stay, and the end of them all. */

import type { Clock } from "../ports.ts";
import { runProcess } from "../process.ts";
import { childEnvironment } from "../process/environment.ts";
import type { Exit } from "../process/exit.ts";
import { type Marks, findLeftOver, killLeftOver, makeExpendable } from "../process/left-over.ts";
import { readProcessTable } from "../process/table.ts";
import { type Captured, createCapture } from "./captured-output.ts";
import type { StandUpOptions } from "./setup.ts";

export type CrewCommand = {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Beside the allow-listed part of the harness's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

export type CrewStep = CrewCommand & {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly maxOutputBytes?: number;
  readonly input?: string;
};

export type StepEnd = {
  readonly exit: Exit;
  readonly stderrLines: readonly string[];
  /** Standard output, then standard error. */
  readonly output: readonly Captured[];
};

export type Server = {
  readonly argv: readonly string[];
  readonly ended: Promise<ServerEnd>;
  /** Null while it runs. */
  readonly end: () => ServerEnd | null;
};

export type ServerEnd = {
  readonly exit: Exit;
  /** The last lines of its output. */
  readonly lastLines: readonly string[];
  /** It was `close` that ended it. */
  readonly wasClosed: boolean;
};

export type Crew = {
  /** Runs a command to its end. */
  readonly run: (step: CrewStep) => Promise<StepEnd>;
  /** Starts what stays until `close`. */
  readonly serve: (command: CrewCommand) => Server;
  readonly sessions: () => readonly number[];
  /** Everything alive that can be shown to be the job's. */
  readonly members: () => Promise<ReadonlySet<number>>;
  /** Ends servers with their groups, what they started in sessions of their own, and what else names the job's folders. */
  readonly close: () => Promise<void>;
};

const lastLineCount = 10;
/** From SIGTERM to SIGKILL: servers of a job hold nothing worth a wait, and a shutdown has seconds for them all. */
const serverGraceMs = 1_000;

export function createCrew(options: StandUpOptions): Crew {
  const { context, clock, env, user, folders, checkout } = options;
  const closing = new AbortController();
  const sessions = new Set<number>();
  const running = new Set<Promise<unknown>>();
  const known: Marks = {
    folders: [folders.agent, checkout],
    sessions: [],
    exceptSessions: options.exceptSessions,
    user,
    ownsAccount: options.ownsAccount,
  };

  const specOf = ({ argv, cwd, env: extras }: CrewCommand) => ({
    file: argv[0] ?? "",
    args: argv.slice(1),
    cwd,
    user,
    env: childEnvironment(env, {
      ...(user !== null && { USER: user.name, LOGNAME: user.name }),
      ...extras,
      HOME: folders.home,
      TMPDIR: folders.temporary,
    }),
    killGraceMs: context.limits.killGraceMs,
    redact: context.redact,
    onStart: (pid: number) => {
      sessions.add(pid);
      makeExpendable(pid);
    },
  });

  const track = <Value>(work: Promise<Value>): Promise<Value> => {
    running.add(work);
    void work.finally(() => running.delete(work));
    return work;
  };

  // whoever left with `setsid` and an empty environment is known only as long as its parents live
  const learnSessions = async (): Promise<void> => {
    for (const session of await sessionsBelow(sessions)) sessions.add(session);
  };

  const run = async (step: CrewStep): Promise<StepEnd> => {
    const stdout = createCapture();
    const stderr = createCapture();
    const end = await track(
      runProcess({
        ...specOf(step),
        timeoutMs: step.timeoutMs,
        ...(step.signal !== undefined && { signal: step.signal }),
        ...(step.input !== undefined && { input: step.input }),
        ...(step.maxOutputBytes !== undefined && { maxOutputBytes: step.maxOutputBytes }),
        onStdout: stdout.write,
        onStderrLine: stderr.writeLine,
      }),
    );
    await learnSessions();
    return { exit: end.exit, stderrLines: end.stderrLines, output: [stdout.read(), stderr.read()] };
  };

  const serve = (command: CrewCommand): Server => {
    const stdout = createCapture();
    let end: ServerEnd | null = null;
    const ended = track(
      runProcess({ ...specOf(command), signal: closing.signal, onStdout: stdout.write }).then(
        ({ exit, stderrLines }) => {
          const lines = [...stdout.read().text.split("\n"), ...stderrLines];
          const lastLines = lines.filter((line) => line.trim() !== "").slice(-lastLineCount);
          end = { exit, lastLines, wasClosed: closing.signal.aborted };
          return end;
        },
      ),
    );
    return { argv: command.argv, ended, end: () => end };
  };

  const close = async (): Promise<void> => {
    await learnSessions();
    closing.abort();
    await within(clock, serverGraceMs, Promise.allSettled(running));
    const { survivors } = await killLeftOver({ ...known, sessions: [...sessions] }, clock);
    await Promise.allSettled(running);
    if (survivors.length === 0) return;
    const names = survivors.slice(0, 10).map(({ name, pid }) => `${name} (${pid})`);
    context.report.note(
      "processes-left",
      `${survivors.length} processes of the infrastructure could not be ended: ${names.join(", ")}.`,
    );
  };
  const tellFailure = (error: unknown): void => {
    closing.abort();
    const text = `Processes of the infrastructure may be left: ${String(error)}`;
    context.report.note("infra-left", context.redact(text));
  };
  let closed: Promise<void> | null = null;

  return {
    run,
    serve,
    sessions: () => [...sessions],
    members: async () => {
      await learnSessions();
      const { folders: marked, exceptSessions } = known;
      const found = await findLeftOver({ folders: marked, sessions: [...sessions], exceptSessions });
      return new Set(found.map(({ pid }) => pid));
    },
    close: () => (closed ??= close().catch(tellFailure)),
  };
}

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, clock.sleep(ms, over.signal).catch(() => undefined)]);
  over.abort();
}

/** Sessions of everything that descends from members of the given ones. */
async function sessionsBelow(sessions: ReadonlySet<number>): Promise<readonly number[]> {
  const table = await readProcessTable();
  const ours = new Set<number>();
  const found = new Set<number>();
  const isOurs = ({ session, parent }: (typeof table)[number]): boolean =>
    sessions.has(session) || ours.has(parent);
  for (let size = -1; size !== ours.size;) {
    size = ours.size;
    for (const entry of table) {
      if (!isOurs(entry)) continue;
      ours.add(entry.pid);
      found.add(entry.session);
    }
  }
  return [...found];
}
