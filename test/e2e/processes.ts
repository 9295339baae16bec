import { readdir, readFile } from "node:fs/promises";

/** Processes with `marker` among their arguments, zombies left out. Linux only. */
export async function findProcesses(marker: string): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const args = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
      return args.split("\0").includes(marker) ? [pid] : [];
    }),
  );
  return found.flat();
}
