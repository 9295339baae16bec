/**
 * The hooks of the served repositories: git itself reports which refs a push changed, and declines a push when it is told to.
 * Both learn through the environment of the request, so that pushes at the same time do not mix.
 */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface RefUpdate {
  /** `refs/heads/main` */
  readonly ref: string;
  /** Forty zeros for a ref that is new. */
  readonly before: string;
  /** Forty zeros for a ref that was deleted. */
  readonly after: string;
}

/** Names a file for `post-receive` to write the updates to. */
export const updatesVariable = "HOLT_UPDATES_FILE";
/** Holds the text with which `pre-receive` declines. */
export const declineVariable = "HOLT_DECLINE";

const preReceive = `#!/bin/sh
[ -z "$${declineVariable}" ] && exit 0
printf "%s\\n" "$${declineVariable}" >&2
exit 1
`;

const postReceive = `#!/bin/sh
[ -z "$${updatesVariable}" ] && exit 0
cat > "$${updatesVariable}"
`;

export async function installHooks(repositoryPath: string): Promise<void> {
  for (const [name, text] of [
    ["pre-receive", preReceive],
    ["post-receive", postReceive],
  ] as const) {
    const file = join(repositoryPath, "hooks", name);
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
}

/** Empty when the push changed nothing, since then git runs no hook. */
export async function readUpdates(file: string): Promise<readonly RefUpdate[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([before, after, ref]) =>
      before === undefined || after === undefined || ref === undefined ? [] : [{ before, after, ref }],
    );
}
