import { spawn } from "node:child_process";
import { once } from "node:events";

export type Guard = {
  /** Its work is done by others: it ends without doing anything. */
  readonly dismiss: () => Promise<void>;
};

/**
 * A process that outlives this one: should this one be killed, its standard input ends, and it kills the process group
 * and removes the folder. It has a group of its own, so that a Ctrl-C does not reach it.
 */
export function startGuard(groupId: number, temporaryDir: string): Guard {
  const script = 'read -r dismissed && exit; kill -s KILL -- "-$1"; rm -rf "$2" || { sleep 1; rm -rf "$2"; }';
  const guard = spawn("/bin/sh", ["-c", script, "sh", String(groupId), temporaryDir], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = once(guard, "close");
  // EPIPE: it was killed itself, and has nothing to be told.
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return {
    dismiss: async () => {
      guard.ref();
      guard.stdin.end("dismissed\n");
      await gone;
    },
  };
}
