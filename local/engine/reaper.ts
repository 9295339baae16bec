import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { groups, quote } from "./docker-command.ts";

export type Reaper = { readonly finish: () => Promise<void> };

/**
 * A process that outlives the engine's own: when the engine ends, by close() or by SIGKILL, its standard input
 * ends too; then it kills the recorded process groups, on Linux also what names a container's folder in its environment, and removes
 * the folders. It has a group of its own, so that a Ctrl-C meant for the engine does not reach it.
 */
export function startReaper(dir: string, extraDirs: readonly string[]): Reaper {
  const dirs = [dir, ...extraDirs].map(quote).join(" ");
  const script = `
cat > /dev/null
for file in ${quote(groups(dir))}/*/pid; do
  read -r pid < "$file" && kill -s KILL -- "-$pid"
done
for file in $(grep -lszF ${quote(`=${join(dir, "containers/")}`)} /proc/[0-9]*/environ); do
  pid=\${file#/proc/}
  kill -s KILL "\${pid%/environ}"
done
rm -rf ${dirs} || { sleep 1; rm -rf ${dirs}; }
`;
  const reaper = spawn("/bin/sh", ["-c", script], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = once(reaper, "close");
  // Its life hangs on the engine's, never the other way round.
  reaper.unref();
  return {
    finish: async () => {
      reaper.ref();
      reaper.stdin.end();
      await gone;
    },
  };
}
