/** The processes of this machine, by their command lines. */
import { readFile, readdir } from "node:fs/promises";

/** How many run exactly this command. */
export async function countProcesses(command: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    // a process that has ended meanwhile has no command line
    ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.split("\0").slice(0, -1).join(" ") === command).length;
}
