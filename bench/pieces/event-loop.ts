import { join } from "node:path";
import type { ServerProcess } from "./real-harness.ts";

/** Node's arguments for a process whose event loop is watched from its start. */
export const watchEventLoop: readonly string[] = ["--import", join(import.meta.dirname, "event-loop.mjs")];

/** How long a watched process's event loop was held at most since it was last asked, in milliseconds. */
export async function heldMs({ pid, lines }: ServerProcess): Promise<number> {
  const seen = lines.length;
  process.kill(pid, "SIGUSR2");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const told = lines.slice(seen).map((line) => /held for at most ([\d.]+) ms/.exec(line)?.[1]);
    const found = told.find((ms) => ms !== undefined);
    if (found !== undefined) return Number(found);
  }
}
