/**
 * What a job's processes left running. A group kill does not reach what called `setsid` or forked twice, and every
 * command of Pi's shell tool has a session of its own, so the process table is searched for the marks of the job.
 */

import { readFile, readdir, readlink, realpath } from "node:fs/promises";
import type { Clock } from "../ports.ts";

export type LeftOver = { readonly pid: number; readonly name: string };

export type Marks = {
  /** Absolute folders: a process belongs to the job when its environment or its working directory names one. */
  readonly folders: readonly string[];
  /** Sessions (the ids of children started by us) whose members belong to the job. */
  readonly sessions: readonly number[];
  /** Sessions that are our own work at the moment of asking: a push under way, for example. */
  readonly exceptSessions: () => readonly number[];
};

/** Killed processes are gone within milliseconds; one that keeps forking gets this many rounds. */
const rounds = 20;
const roundMs = 25;

/** Kills what is left of a job; idempotent. `survivors` are still there after all rounds. */
export async function killLeftOver(
  marks: Marks,
  clock: Clock,
): Promise<{ readonly killed: readonly LeftOver[]; readonly survivors: readonly LeftOver[] }> {
  const killed = new Map<number, LeftOver>();
  for (let round = 0; round < rounds; round++) {
    const found = await findLeftOver(marks);
    if (found.length === 0) return { killed: [...killed.values()], survivors: [] };
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
  const folders = await Promise.all(
    marks.folders.map((folder) =>
      realpath(folder).then(
        (real) => [folder, real],
        () => [folder],
      ),
    ),
  );
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids
      .filter((pid) => pid !== 1 && pid !== process.pid)
      .map((pid) => toLeftOver(pid, { ...marks, folders: folders.flat() })),
  );
  return found.filter((entry) => entry !== null);
}

async function toLeftOver(pid: number, marks: Marks): Promise<LeftOver | null> {
  // a process that ends while it is looked at, or that belongs to another user, is not ours to kill
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // the name stands in parentheses and may hold any character, so fields are counted from the last one
  const nameEnd = stat.lastIndexOf(")");
  const [state, , , session] = stat.slice(nameEnd + 2).split(" ");
  // a zombie has ended; where no init reaps it, it stays in the table until its parent ends
  if (state === undefined || state === "" || state === "Z" || state === "X") return null;
  if (marks.exceptSessions().includes(Number(session))) return null;
  const isMarked = marks.sessions.includes(Number(session)) || (await namesFolder(pid, marks.folders));
  return isMarked ? { pid, name: stat.slice(stat.indexOf("(") + 1, nameEnd) } : null;
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
