import { readFile } from "node:fs/promises";

const WITHIN_MS = 30_000;

/** The kernel's letter for what a process does: `T` is stopped; null where there is none. Linux only. */
export async function processState(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null);
  // `pid (name) state …`, and the name may hold anything.
  return stat === null ? null : (stat.slice(stat.lastIndexOf(")")).split(" ")[1] ?? null);
}

/** A signal takes effect when its process is next scheduled. Whether the process is stopped then. */
export async function untilStopped(pid: number): Promise<boolean> {
  const givenUp = AbortSignal.timeout(WITHIN_MS);
  while (!givenUp.aborted) {
    const state = await processState(pid);
    if (state === "T") return true;
    if (state === null) return false;
  }
  return false;
}
