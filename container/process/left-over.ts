/**
 * What a job's processes left running. A group kill does not reach what called `setsid` or forked twice, and every
 * command of Pi's shell tool has a session of its own, so the process table is searched for the marks of the job. Only
 * what carries one is killed, for on a developer's machine the rest belongs to strangers; in a container that is ours
 * alone there are no strangers.
 */

import { writeFileSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import type { Clock } from "../ports.ts";
import { runProcess } from "../process.ts";
import type { AgentUser } from "./agent-user.ts";
import { type TableEntry, readProcessTable } from "./table.ts";

export type LeftOver = { readonly pid: number; readonly name: string };

export type Marks = {
  /**
   * Absolute folders: a process belongs to the job when its environment or its working directory names one. Free of links
   * when they were made, and never resolved again: whoever may write there could lay one that leads to strangers.
   */
  readonly folders: readonly string[];
  /** Sessions (the ids of children started by us) whose members belong to the job. */
  readonly sessions: readonly number[];
  /** Sessions that are our own work at the moment of asking: a push under way, for example. */
  readonly exceptSessions: () => readonly number[];
  /** Whose processes they are; absent or null: the harness's own user's. */
  readonly user?: AgentUser | null;
  /** Whether everything of that user belongs to the job at the moment of asking. */
  readonly ownsAccount?: () => boolean;
};

export type Sweep = { readonly killed: readonly LeftOver[]; readonly survivors: readonly LeftOver[] };

/** Killed processes are gone within milliseconds; one that keeps forking gets this many rounds. */
const rounds = 20;
const roundMs = 25;

/** Kills what is left of a job; idempotent. `survivors` are still there after all rounds. */
export async function killLeftOver(marks: Marks, clock: Clock): Promise<Sweep> {
  const killed = new Map<number, LeftOver>();
  // what forks away is in no look, so where there is an account to end, a quiet look counts only after that
  let isQuietEnough = accountOf(marks) === null;
  for (let round = 0; round < rounds; round++) {
    const found = await findLeftOver(marks);
    if (found.length === 0 && isQuietEnough) return { killed: [...killed.values()], survivors: [] };
    isQuietEnough = await killWholeAccount(marks);
    for (const process of found) {
      killed.set(process.pid, process);
      sendSigkill(process.pid);
    }
    await clock.sleep(roundMs);
  }
  const survivors = await findLeftOver(marks);
  const remaining = new Set(survivors.map(({ pid }) => pid));
  return { killed: [...killed.values()].filter(({ pid }) => !remaining.has(pid)), survivors };
}

/** Living processes of this job; empty where there is no `/proc`. */
export async function findLeftOver(marks: Marks): Promise<readonly LeftOver[]> {
  const table = await readOthers(marks);
  const ours = marks.ownsAccount?.() === true ? ofAccount(table, marks.user ?? null) : new Set<number>();
  return keep(
    table,
    async ({ pid, session }) =>
      ours.has(pid) || marks.sessions.includes(session) || (await namesFolder(pid, marks.folders)),
  );
}

/**
 * Gives a process and all it will start a sign that neither `setsid` nor an empty environment takes away: how soon the
 * kernel ends it when memory runs out, which had better be before the harness. Null where that cannot be set.
 */
export function makeExpendable(pid: number): number | null {
  // of little use but to be rare: two jobs of a machine seldom share it
  const oomScore = 501 + (pid % 499);
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(oomScore));
    return oomScore;
  } catch {
    // no Linux, a process that has ended, or one that may not be ended later than it would be
    return null;
  }
}

/** Processes with the sign of `makeExpendable`. Somebody else's may have it by chance, so it is no reason to kill. */
export async function findExpendable(oomScore: number, marks: Marks): Promise<readonly LeftOver[]> {
  const owner = marks.user?.uid ?? process.getuid?.();
  const isSame = async ({ pid, uid }: TableEntry): Promise<boolean> =>
    uid === owner &&
    Number(await readFile(`/proc/${pid}/oom_score_adj`, "utf8").catch(() => "")) === oomScore;
  return keep(await readOthers(marks), isSame);
}

async function readOthers(marks: Marks): Promise<readonly TableEntry[]> {
  const table = await readProcessTable();
  const spared = marks.exceptSessions();
  return table.filter(({ session }) => !spared.includes(session));
}

async function keep(
  table: readonly TableEntry[],
  condition: (entry: TableEntry) => Promise<boolean>,
): Promise<readonly LeftOver[]> {
  const others = table.filter(({ pid }) => pid !== 1 && pid !== process.pid);
  const found = await Promise.all(
    others.map(async (entry) => ((await condition(entry)) ? [{ pid: entry.pid, name: entry.name }] : [])),
  );
  return found.flat();
}

/**
 * What forks faster than it is found outruns a kill by ids. A signal that a process sends to all it may send one to
 * reaches its whole account at once, so one is started there for that; it is spared itself, and ends. False where it could
 * not be sent.
 */
async function killWholeAccount(marks: Marks): Promise<boolean> {
  const user = accountOf(marks);
  if (user === null) return true;
  const spared = marks.exceptSessions();
  const table = spared.length === 0 ? [] : await readProcessTable();
  if (table.some(({ uid, session }) => uid === user.uid && spared.includes(session))) return true;
  const { exit } = await runProcess({
    file: "/bin/sh",
    args: ["-c", "kill -9 -1"],
    cwd: "/",
    env: {},
    user,
    timeoutMs: 5_000,
    killGraceMs: 100,
  });
  return exit.kind === "exited";
}

/** The account all of which belongs to the job, where there is one. */
function accountOf({ user, ownsAccount }: Marks): AgentUser | null {
  return user != null && user.uid !== 0 && ownsAccount?.() === true ? user : null;
}

/** An agent's account is its alone. Of the harness's own, a shell that an operator brought in from outside is not. */
function ofAccount(table: readonly TableEntry[], user: AgentUser | null): ReadonlySet<number> {
  if (user === null) return ofThisAccount(table);
  return new Set(table.flatMap(({ pid, uid }) => (uid === user.uid ? [pid] : [])));
}

/** What descends from the first process. */
function ofThisAccount(table: readonly TableEntry[]): ReadonlySet<number> {
  const parents = new Map(table.map(({ pid, parent }) => [pid, parent]));
  const isBelowFirst = (pid: number): boolean => {
    let at: number | undefined = pid;
    // ids are used again while the table is read, so the way up need not end
    for (let steps = 0; at !== undefined && at !== 1 && steps < table.length; steps++) at = parents.get(at);
    return at === 1;
  };
  const ours = table.filter(({ pid, uid }) => uid === process.getuid?.() && isBelowFirst(pid));
  return new Set(ours.map(({ pid }) => pid));
}

async function namesFolder(pid: number, folders: readonly string[]): Promise<boolean> {
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
  if (folders.some((folder) => cwd === folder || cwd.startsWith(`${folder}/`))) return true;
  const environ = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  return folders.some((folder) => environ.includes(`=${folder}/`) || environ.includes(`=${folder}\0`));
}

function sendSigkill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself, or is another user's
  }
}
