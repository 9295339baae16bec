import { runProcess } from "../process.ts";
import type { AgentUser } from "./agent-user.ts";
import { type Environment, childEnvironment } from "./environment.ts";
import { isSuccess } from "./exit.ts";

const handOverMs = 120_000;

/** Gives folders of the harness, and all below them, to the user who is to work in them. Links are not followed. */
export async function handOver(
  folders: readonly string[],
  { user, env }: { readonly user: AgentUser | null; readonly env: Environment },
): Promise<void> {
  if (user === null) return;
  const end = await runProcess({
    file: "chown",
    args: ["-R", "-h", "-P", `${user.uid}:${user.gid}`, "--", ...folders],
    cwd: "/",
    env: childEnvironment(env, {}),
    timeoutMs: handOverMs,
    killGraceMs: 1_000,
  });
  if (!isSuccess(end.exit)) {
    throw new Error(`folders could not be given to '${user.name}': ${end.stderrLines.join("; ")}`);
  }
}
