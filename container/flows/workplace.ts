/** The folder the agent works in, and what is laid beside the code for it. No link of the repository is followed. */

import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentJob } from "../../shared/job-body.ts";
import { contextFolder } from "../agents/instructions.ts";
import { followUpsFile } from "./follow-ups.ts";
import { type Step, done, failed } from "../process/step.ts";

/** The service's folder inside the checkout, made where it is missing. */
export async function findWorkplace(checkout: string, job: AgentJob): Promise<Step<string>> {
  let folder = checkout;
  for (const segment of job.repo.serviceDirectory?.split("/") ?? []) {
    folder = join(folder, segment);
    const found = await lstat(folder).catch(() => null);
    if (found === null) await mkdir(folder);
    else if (!found.isDirectory()) {
      const path = job.repo.serviceDirectory ?? "";
      return failed("agent", `'repo.serviceDirectory' is no folder inside the repository: ${path}`);
    }
  }
  return done(folder);
}

/** What stands in the agent's working directory and is ours; a folder ends in a slash. */
export const ownNames = [`${contextFolder}/`, followUpsFile] as const;

/** Paths in the checkout that are ours, from its root; a folder ends in a slash. */
export function ownPaths(job: AgentJob): readonly string[] {
  const { serviceDirectory } = job.repo;
  return ownNames.map((name) => (serviceDirectory === undefined ? name : `${serviceDirectory}/${name}`));
}

/** Writes the job's context files. What the repository has of the same name, a link above all, gives way. */
export async function layContextFiles(workplace: string, job: AgentJob): Promise<void> {
  if (job.contextFiles.length === 0) return;
  const folder = join(workplace, contextFolder);
  const found = await lstat(folder).catch(() => null);
  if (found !== null && !found.isDirectory()) await rm(folder);
  await mkdir(folder, { recursive: true });
  for (const { path, content } of job.contextFiles) {
    const file = join(folder, path);
    await rm(file, { recursive: true, force: true });
    await writeFile(file, content, { flag: "wx" });
  }
}
