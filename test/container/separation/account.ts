import { spawnSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { onTestFinished } from "vitest";
import type { AgentUser } from "../../../container/process/agent-user.ts";
import { killLeftOver } from "../../../container/process/left-over.ts";
import { makeFolder, realClock } from "../job-folder.ts";

/** An account of this worker's alone: what a test does to all processes of an account meets no other test's. */
const id = 1_000_000 + process.pid * 10 + (Number(process.env["VITEST_POOL_ID"] ?? 0) % 10);
export const account: AgentUser = { name: String(id), uid: id, gid: id };

/** Another one, where two have to be told apart. */
export const otherAccount: AgentUser = { name: String(id + 5_000_000), uid: id + 5_000_000, gid: id };

/** Only root can start a process as somebody else; where there is no second account these tests say so and pass by. */
export const canSwitch =
  process.getuid?.() === 0 && spawnSync("/bin/true", { uid: account.uid, gid: account.gid }).status === 0;

if (!canSwitch) {
  process.stderr.write("holt: not root, so what keeps agent and harness apart as two users is not tested\n");
}

/** A folder the account may pass through. */
export async function makeOpenFolder(): Promise<string> {
  const folder = await makeFolder();
  onTestFinished(async () => {
    await killLeftOver(
      { folders: [], sessions: [], exceptSessions: () => [], user: account, ownsAccount: () => true },
      realClock,
    );
  });
  await chmod(folder, 0o711);
  return folder;
}
