import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The kernel needs a moment to take killed processes away. */
const GONE_WITHIN_MS = 2_000;

/** False when the group is gone already. */
export function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch {
    return false;
  }
}

/** SIGKILL for all of the group; resolves when none of it lives. */
export async function killGroup(groupId: number): Promise<void> {
  signalGroup(groupId, "SIGKILL");
  for (let waitedMs = 0; waitedMs < GONE_WITHIN_MS && isAlive(groupId); waitedMs += 5) await sleep(5);
}

/** An orphan that ended but was not collected yet belongs to its group and is no life; only /proc can tell. */
function isAlive(groupId: number): boolean {
  if (!signalGroup(groupId, 0)) return false;
  const pids = listProcesses();
  return pids.length === 0 || pids.some((pid) => livesIn(pid, groupId));
}

/** Empty where there is no /proc. */
function listProcesses(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  } catch {
    return [];
  }
}

function livesIn(pid: string, groupId: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // `pid (name) state ppid pgrp …`, and the name may hold anything.
    const [, state, , group] = stat.slice(stat.lastIndexOf(")")).split(" ");
    return Number(group) === groupId && state !== "Z" && state !== "X";
  } catch {
    return false; // it ended meanwhile
  }
}
