import { isSuccess } from "../process/exit.ts";
import type { Crew } from "./crew.ts";
import { commandFailure } from "./show-error.ts";

const writeMs = 10_000;

/**
 * Makes a new `env.js` in place of whatever has that name. It is written by a process of the crew: with a second user, a
 * folder that changes under the harness's hands leads to no file that is not the agent's own.
 * @returns what went wrong; null where nothing did
 */
export async function writeEnvFile(file: {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly crew: Pick<Crew, "run">;
  readonly signal: AbortSignal;
}): Promise<string | null> {
  const end = await file.crew.run({
    // `-C`: the file is made anew or not at all, so no link is written through
    argv: ["sh", "-Cc", "rm -f ./env.js && cat > ./env.js"],
    cwd: file.folder,
    input: `window.env = ${JSON.stringify(file.env)};`,
    timeoutMs: writeMs,
    signal: file.signal,
  });
  return isSuccess(end.exit) ? null : commandFailure(["write", "env.js"], end);
}
