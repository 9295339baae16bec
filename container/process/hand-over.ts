import { runProcess } from "../process.ts";
import type { AgentUser } from "./agent-user.ts";
import { type Environment, childEnvironment } from "./environment.ts";
import { isSuccess } from "./exit.ts";

const handOverMs = 120_000;

/**
 * Gives folders of the harness, and all below them, to the user who is to work in them. Nobody else may be at work there:
 * it goes by paths. Links are not followed. A file that has a second name is passed over unless it is the user's already,
 * for its other name may be anywhere; those are the result.
 */
export async function handOver(
  folders: readonly string[],
  { user, env }: { readonly user: AgentUser | null; readonly env: Environment },
): Promise<readonly string[]> {
  if (user === null || folders.length === 0) return [];
  const owner = `${user.uid}:${user.gid}`;
  const isForeign = ["(", "!", "-uid", String(user.uid), "-o", "!", "-gid", String(user.gid), ")"];
  const hasSecondName = ["!", "-type", "d", "-links", "+1", "!", "-uid", String(user.uid)];
  const skip = [...hasSecondName, "-print0"];
  const give = [...isForeign, "-exec", "chown", "-h", owner, "{}", "+"];
  const end = await runProcess({
    file: "find",
    args: ["-P", ...folders, ...skip, "-o", ...give],
    cwd: "/",
    env: childEnvironment(env, {}),
    timeoutMs: handOverMs,
    killGraceMs: 1_000,
  });
  if (!isSuccess(end.exit)) {
    throw new Error(`folders could not be given to '${user.name}': ${end.stderrLines.join("; ")}`);
  }
  return end.stdout.split("\0").filter((path) => path !== "");
}
