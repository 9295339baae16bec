import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { AgentUser } from "../process/agent-user.ts";

/** The parts of a job's folder. The agent's processes are known by their home, temporary folder and working directory. */
export type JobFolders = {
  /** The harness's alone: git's home and the outbox. */
  readonly harness: string;
  readonly outbox: string;
  readonly checkout: string;
  /** What the agent's homes and temporary files stand in; itself the harness's, so nothing below it can be exchanged. */
  readonly agent: string;
  /** The home of what the repository itself runs: installs, builds, servers. */
  readonly home: string;
  readonly temporary: string;
};

/**
 * Makes the parts of a job's folder. They belong to the harness until they are handed over. Where the agent is another
 * user it may pass through the folders above its own, and list none of them.
 */
export async function makeJobFolders(folder: string, user: AgentUser | null = null): Promise<JobFolders> {
  const harness = join(folder, "harness");
  const agent = join(folder, "agent");
  const folders: JobFolders = {
    harness,
    outbox: join(harness, "outbox.git"),
    checkout: join(folder, "checkout"),
    agent,
    home: join(agent, "home"),
    temporary: join(agent, "tmp"),
  };
  for (const path of [harness, folders.home, folders.temporary, folders.checkout]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  if (user !== null) for (const path of [folder, agent]) await chmod(path, 0o711);
  return folders;
}

/**
 * A home for one run of an agent. What a program reads at its start is written there before it is handed over: nothing
 * that runs for the repository can have laid a link in the way of what the harness writes.
 */
export function makeAgentHome({ agent }: JobFolders): Promise<string> {
  return mkdtemp(join(agent, "home-"));
}
