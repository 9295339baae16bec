import { access } from "node:fs/promises";
import { realClock } from "../job-folder.ts";

/** Resolves when a program has made a file. */
export async function exists(path: string): Promise<void> {
  while (
    !(await access(path).then(
      () => true,
      () => false,
    ))
  )
    await realClock.sleep(10);
}
