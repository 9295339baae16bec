import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** The parts of a job's folder. The agent's processes are known by their home, temporary folder and working directory. */
export type JobFolders = {
  /** The harness's alone: git's home and the outbox. */
  readonly harness: string;
  readonly outbox: string;
  readonly checkout: string;
  /** The agent's home and temporary files. */
  readonly agent: string;
  readonly home: string;
  readonly temporary: string;
};

export async function makeJobFolders(folder: string): Promise<JobFolders> {
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
  for (const path of [harness, folders.home, folders.temporary]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  return folders;
}
