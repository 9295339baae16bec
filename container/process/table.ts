/** The process table of this machine, or of the container where it has one of its own. */

import { readFile, readdir } from "node:fs/promises";

export type TableEntry = {
  readonly pid: number;
  readonly name: string;
  /** 0 for the first process, and for what was brought into a container from outside. */
  readonly parent: number;
  readonly session: number;
  /** The effective user. */
  readonly uid: number;
};

/** What is alive; empty where there is no `/proc`. */
export async function readProcessTable(): Promise<readonly TableEntry[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== null);
}

/** Null for a process that ends while it is looked at. */
async function readEntry(pid: number): Promise<TableEntry | null> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // the name stands in parentheses and may hold any character, so fields are counted from the last one
  const nameEnd = line.lastIndexOf(")");
  const [state, parent, , session] = line.slice(nameEnd + 2).split(" ");
  // a zombie has ended; where no init reaps it, it stays in the table until its parent ends
  if (state === undefined || state === "" || state === "Z" || state === "X") return null;
  // the owner of the folder would say root for a process that may not be inspected, as any may make itself
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(status)?.[1];
  if (uid === undefined) return null;
  const name = line.slice(line.indexOf("(") + 1, nameEnd);
  return { pid, name, parent: Number(parent), session: Number(session), uid: Number(uid) };
}
