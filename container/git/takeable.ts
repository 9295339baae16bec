/** Git stages all the files it is told of or none; what it cannot take is found by halves. */

import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { gitFailure } from "./git.ts";
import type { Outbox } from "./outbox.ts";
import { presentFlags, updateIndex } from "./outbox-index.ts";

/** More is a folder that nobody can read, and looking for the rest takes minutes. */
const maxRefused = 50;

/** Stages what git can take of these paths, and says why not the others: a pipe, a socket, a file nobody may read. */
export async function stageTakeable(
  outbox: Outbox,
  index: string,
  paths: readonly string[],
): Promise<Step<readonly string[]>> {
  const refused: string[] = [];
  const waiting: Array<readonly string[]> = [paths];
  for (let present = waiting.pop(); present !== undefined; present = waiting.pop()) {
    const end = await updateIndex(outbox, index, presentFlags, present);
    if (end === null || isSuccess(end.exit)) continue;
    const isPathRefused = end.exit.kind === "exited" && refused.length < maxRefused;
    if (!isPathRefused) return gitFailure(["update-index", ...presentFlags], end);
    if (present.length === 1) {
      refused.push(end.stderrLines.join(" "));
      continue;
    }
    const half = Math.ceil(present.length / 2);
    waiting.push(present.slice(half), present.slice(0, half));
  }
  return done(refused);
}
